from __future__ import annotations

from app.policy.evaluate import MOST_OF_A_CODE, evaluate
from app.policy.facts import Facts


def of_code(text, policy, code):
    return [finding for finding in evaluate(Facts(text, language="en"), policy).findings if finding.code == code]


class TestATextWithVeryManyFindings:
    def test_lists_the_first_of_a_code_and_says_that_there_are_more(self, trafficking):
        found = of_code("http://example.com/a " * (MOST_OF_A_CODE + 1), trafficking, "link.not_https")
        assert len(found) == MOST_OF_A_CODE
        assert [finding for finding in found if "There are more" in finding.message] == [found[-1]]

    def test_lists_all_where_they_are_just_as_many_as_are_listed(self, trafficking):
        found = of_code("http://example.com/a " * MOST_OF_A_CODE, trafficking, "link.not_https")
        assert len(found) == MOST_OF_A_CODE
        assert not any("There are more" in finding.message for finding in found)

    def test_hides_no_other_code_of_the_same_rule(self, trafficking):
        few = {finding.code for finding in evaluate(Facts("victims victim at-risk youth"), trafficking).findings}
        many = {finding.code for finding in evaluate(Facts("victims " * 500 + "at-risk youth"), trafficking).findings}
        assert few <= many

    def test_still_counts_all_its_hashtags(self, trafficking):
        found = of_code("#EndTrafficking " * 500, trafficking, "hashtag.limit")
        assert len(found) == 1
        assert "500 hashtags" in found[0].message
