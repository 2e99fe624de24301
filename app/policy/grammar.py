"""Function words and everyday things of English, by which the language rules tell whom a word is said of.

Nothing here belongs to an observance. A pack in another language brings its own words for people; these lists then
meet nothing in its texts.
"""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """Return the words of a string."""
    return frozenset(words.split())


CONJUNCTIONS = frozenset({"and", "or", "nor", "but"})

COPULAS = word_set(
    "is are was were be been being am become becomes became becoming feel feels felt remain remains remained "
    "seem seems get gets got getting isn't aren't wasn't weren't"
)

PREPOSITIONS = word_set(
    "to of for in from by with on at about as into onto over under through during after before among amongst "
    "between because against without within across than via per while when if where how why whether that "
    "which who whom whose until since toward towards near"
)

AUXILIARIES = word_set(
    "have has had do does did can could may might must shall should will would not don't doesn't can't won't"
)

DETERMINERS = word_set(
    "the a an this that these those my your his her its our their all every each some any many more most "
    "other another no both several few these such"
)

PRONOUNS = word_set("i you he she it we they this that there what")

#: Words that stop the way from an adjective to its noun.
STOPS = (PREPOSITIONS | COPULAS | AUXILIARIES | DETERMINERS | PRONOUNS) - {"other", "more", "most", "few", "many"}

ADVERBS = word_set("most more very so too less least especially particularly also already not often always")

#: Persons that a verb can be done to, as pronouns.
OBJECT_PRONOUNS = word_set(
    "him her them me us someone somebody anyone anybody everyone everybody themselves himself herself"
)
SUBJECT_PRONOUNS = word_set("i he she we they who someone somebody anyone everyone everybody nobody him her them")

#: "hundreds of", "one of": an amount before the people it counts.
AMOUNTS = word_set(
    "one two three four five six seven eight nine ten dozens hundreds thousands millions lot lots all some "
    "many most each any none half number numbers dozen hundred thousand million group groups"
)

#: What is no person, though it may stand between a verb or an adjective and one.
THINGS = word_set(
    "date dates time times money hour hours minute minutes day days number numbers link links post posts page "
    "pages file files image images photo photos contact contacts info information energy space seat seats "
    "spot spots place places life lives planet world way dollars dollar cost costs paper water trip work job "
    "jobs effort steps ink gas data copy receipt receipts email emails message messages tip tips resource "
    "resources toolkit guide flyer card situation situations circumstance circumstances condition conditions "
    "setting settings system systems area areas industry industries sector sectors behavior behaviors "
    "behaviour behaviours activity activities environment environments position positions moment moments "
    "stage shelter shelters service services assistance program programs response region regions location "
    "locations road property species ecosystem ecosystems animal animals dog dogs cat cats pet pets "
    "investment investments infrastructure device devices software network networks point points pregnancy "
    "pregnancies factor factors account accounts password passwords version button bandwidth"
)

#: What makes "rescue" and its like an act: "rescue operation".
ACT_NOUNS = word_set(
    "operation operations mission missions effort efforts raid raids attempt attempts work story stories"
)
#: Acts of emergency services, which are done to everyone: "sea rescue operation".
EMERGENCIES = word_set("sea air animal fire water mountain wildlife pet flood cave ski and")

#: What emergency services answer to.
DISASTERS = word_set(
    "flood floods flooding hurricane hurricanes storm tornado tornadoes earthquake earthquakes wildfire wildfires fire "
    "avalanche tsunami landslide shipwreck firefighters"
)
#: Words for people that as often say whose a thing is: "community garden", "student records".
OF_THINGS = word_set("community group family household student patient client member parent resident employee teen")
#: What follows a noun and is none itself.
NO_NOUNS = STOPS | CONJUNCTIONS | word_set("today tonight tomorrow now here there alive safely again too first who")

#: Those who act themselves: "rescue workers".
CREWS = word_set("worker workers crew crews team teams personnel staff volunteer volunteers swimmer swimmers member")

#: What people are kept or freed from.
HARMS = word_set("abuse harm danger violence situation situations life streets")

#: Words behind an adjective that show that it stands for people itself: "the most vulnerable among us".
AFTER_NOMINAL = word_set(
    "among amongst of in and or but who whom whose from is are was were need needs deserve deserves at with "
    "by for on as can could have must should will would may might during through near that when while because "
    "today tonight tomorrow now often live face struggle suffer deserve find get receive this these every each "
    "here there all"
)

#: Capitalised or not inside a title: "Out of the Shadows".
SMALL_TITLE_WORDS = word_set(
    "a an the of and or nor but for in on at to by from with as into over per vs via no not is be s"
)
#: Words that announce a title: the film "Rescue".
TITLE_CUES = word_set(
    "film films movie documentary book novel memoir play song album podcast episode series show article essay "
    "report study paper poem titled entitled called video webinar exhibit exhibition short story chapter "
    "title training course handout blog brief guide toolkit"
)
#: The nouns that name laws.
LAW_WORDS = word_set("act acts law laws statute code amendment protocol convention bill ley")
#: "Act now" is no law.
NOT_A_LAW_BEFORE = word_set("now today fast quickly on against together up like as early immediately")
