"""Ordinary sentences of public agencies, under the bundled pack: nothing is found but the missing mention."""

from __future__ import annotations

import pytest

from app.packs.bundled import default_pack
from app.packs.policy import build_policy
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.policy.finding import Level

POLICY = build_policy(default_pack(), year=2027)

SENTENCES = """
Save the Children works with families in 12 states.
Every vaccine can save lives.
CPR saves lives. Learn it today.
The National Runaway Safeline is open 24/7.
The Runaway and Homeless Youth Program funds local shelters.
Office for Victims of Crime grants are now open.
The Office for Victims of Crime (OVC) has new funding.
National Crime Victims' Rights Week is in April.
Some situations carry high risk.
Learn to spot high-risk situations.
Young people can be vulnerable to exploitation online.
Traffickers look for people who are vulnerable.
Poverty can make people vulnerable.
Groups that have been marginalized face more barriers.
Our search and rescue team trained all weekend.
The search-and-rescue team trained with the Coast Guard.
The Rescue Mission of Salem opens at 5 p.m.
Denver Rescue Mission serves dinner daily.
The fire and rescue department hosts an open house.
Save this number in your phone: 1-888-373-7888.
Save the date: January 11!
Save a seat for our webinar.
Save on energy bills this winter.
Families can save money with SNAP.
Save your work often.
Save up to $50 on child care.
Save paper, go digital.
Save your place in line.
Save your spot at the youth summit.
Help us save time for teachers.
Workers save for retirement.
Daylight saving time starts Sunday.
The Trafficking Victims Protection Act defines human trafficking.
The TVPA was reauthorized by Congress.
People at risk of human trafficking may need housing.
Youth at higher risk of trafficking need safe adults.
Communities at risk of flooding should plan now.
Some groups are at higher risk.
Adults and children can be at risk.
She is at high risk for diabetes.
Homelessness can increase the risk of trafficking.
People experiencing homelessness can call 211.
Learn about the McKinney-Vento Homeless Assistance Act.
Health Care for the Homeless clinics are open today.
Call 911 in an emergency.
Call or text 988 for crisis support.
Text HOME to 741741 to reach a crisis counselor.
Join us on January 11 at 2 p.m. ET.
Register by January 9 for the webinar.
Our office is at 330 C Street SW, Washington, DC 20201.
The training takes 60 minutes and has 5 modules.
We trained partners in all 50 states.
Room 2010 is open to staff.
The 2027 campaign begins today.
Since its start, Voices of Freedom has grown.
Two survivors share their stories.
Our team of 12 advocates is here to help.
The Hotline is open 24 hours a day, 7 days a week.
Help is available in more than 200 languages.
Ask your doctor about screening.
Learn the signs. Share the resources. Make a difference.
Join our coffee chat with Dr. Kim.
Contact us at otip@acf.hhs.gov for details.
The American Rescue Plan funded new services.
International Rescue Committee staff joined the call.
Watch the film "Rescue Dawn" with your club.
The rescue inhaler goes in the backpack.
Adopt a rescue dog this week.
Step 1: Listen. Step 2: Refer.
Teachers are #1 in our hearts.
Call our office at (202) 401-9246.
We're hiring! Apply by 01/15/2027.
Children ages 10 to 17 may join.
Grades 6-12 students are welcome.
At-risk is not a label we use.
The risk is high in some industries.
High-risk behaviors are more common under stress.
High-risk pregnancy care is covered by Medicaid.
Vulnerable infrastructure needs upgrades.
Marginalized by poverty, some people take unsafe jobs.
Person-first language respects people.
Trauma-informed care helps people heal.
Public health saves money and time.
The savings program helps families.
A runaway train is on the museum tour.
Keep your mask on (see "Wear It Well").
Runaway costs hurt families.
Saved by the bell: class is out.
God save the Queen is a song.
Rescue workers arrived at noon.
First responders and rescue crews need training.
Save lives. Learn CPR.
Help save lives in your community.
Save Lives, Stop the Spread
Donating blood can save up to three lives.
Naloxone can save a life.
Everyone can save a life.
Save our planet for our children.
Rescue crews need training.
Call 911 or 1-888-373-7888.
Save someone's drawings from the fire.
Write to us at 2001 K Street NW, Washington.
Grade 10 students visit on January 11.
[EN ESPAÑOL] Lea más.
[Image: a school in a city]
The ILO estimates that 27.6 million people are in forced labor.
""".strip().splitlines()


class TestAnOrdinarySentence:
    @pytest.mark.parametrize("text", SENTENCES)
    def test_gives_no_error_or_warning_but_the_missing_mention(self, text: str) -> None:
        findings = evaluate(Facts(text), POLICY).findings
        assert {f.code for f in findings if f.level is not Level.NOTE} <= {"mention.missing"}
