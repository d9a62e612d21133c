"""The words of a line of the brief, kind by kind, of made-up rows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from adoption.reports.sentences import sentence

Row = dict[str, Any]
NUMBERS = (
    "value",
    "low",
    "high",
    "interval_kind",
    "prior_value",
    "prior_low",
    "prior_high",
    "months_held",
    "compared_on",
    "change",
    "change_low",
    "change_high",
    "change_prior",
    "change_prior_low",
    "change_prior_high",
    "change_of_change_pct",
    "common_months",
    "common_value",
    "common_prior_value",
    "yoy_common_pct",
    "yoy_common_low",
    "yoy_common_high",
    "yoy_at_least_pct",
    "yoy_standardised",
    "baseline_growth_pct",
    "growth_percentile",
    "against_percentile",
    "against_change_pct",
    "own_source_label",
    "own_basis",
    "own_value",
    "own_low",
    "own_high",
    "own_months_held",
    "own_change_pct",
    "own_common_months",
    "member_labels",
    "member_direction",
    "member_changes",
    "part_name",
    "parts",
    "parts_compared",
    "parts_up",
    "parts_down",
    "lead",
    "lead_value",
    "lead_low",
    "lead_high",
    "against_value",
    "against_low",
    "against_high",
    "lead_total",
    "lead_total_low",
    "lead_total_high",
    "against_total",
    "against_total_low",
    "against_total_high",
    "ratio_low",
    "ratio_high",
    "prior_ratio_low",
    "prior_ratio_high",
    "ground",
    "lead_common_months",
    "lead_month_numbers",
    "lead_parts",
    "parts_led",
    "parts_trailed",
    "direction_answer",
    "direction_agreeing",
    "lead_agreeing",
    "not_comparable_reason",
    "no_data_reason",
    "grade_reason",
    "source_grade",
    "source_grade_reason",
)
LISTS = (
    "direction_exceptions",
    "direction_exception_answers",
    "direction_inconclusive",
    "lead_exceptions",
    "lead_exception_answers",
    "lead_inconclusive",
)
WAY = {"source_label": "Guild", "basis": "by_hand", "lead_source_label": "Guild", "lead_basis": "by_hand"}
SALES: Row = {
    **dict.fromkeys(NUMBERS),
    **{name: [] for name in LISTS},
    **WAY,
    "line_kind": "metric",
    "metric_label": "Tools sold",
    "channel": "sales",
    "entity_label": "Hammer",
    "against_label": "Anvil",
    "year": 2020,
    "kind": "flow",
    "unit": "tools",
    "change_unit": "percent",
    "is_level_known": True,
    "is_complete": True,
    "grade": "A",
}
LED = {
    "lead": "leads",
    "lead_value": 200,
    "against_value": 100,
    "ratio_low": 2.0,
    "ratio_high": 2.0,
    "prior_ratio_low": 3.0,
    "prior_ratio_high": 3.0,
    "ground": "lost",
}
UP = {"move": "up", "compared_on": "year", "value": 200, "prior_value": 100, "change": 100.0}
STARS = {
    "kind": "stock",
    "unit": "stars",
    "metric_label": "Stars",
    "value": 90,
    "compared_on": "year",
    "change": 10,
    "change_prior": 20,
    "change_of_change_pct": -50.0,
}


@pytest.mark.parametrize(
    ("row", "first"),
    [
        (UP, "Hammer is up 100 %, to 200 from 100 in 2019 (Guild, by hand)"),
        (
            {**UP, "change": None, "change_low": 12.0},
            "Hammer is up at least 12 %, to 200 from 100 in 2019 (Guild, by hand)",
        ),
        (
            {**UP, "growth_percentile": 80, "baseline_growth_pct": 120.0, "against_percentile": 50},
            "Hammer is up 100 %, to 200 from 100 in 2019 (Guild, by hand), but less than the median package, "
            "at percentile 80 of all packages (median +120 %), where Anvil is at 50",
        ),
        ({**UP, "move": "flat"}, "Hammer is flat at 200 (Guild, by hand)"),
        (
            {**UP, "move": "inconclusive", "change": 1.0, "change_low": -2.0, "change_high": 4.0},
            "Hammer has 200, after 100 in 2019 (+1.0 %) (Guild, by hand): inconclusive, as the change lies "
            "between -2.0 % and +4.0 %",
        ),
        (
            {
                **UP,
                "move": "inconclusive",
                "direction_exceptions": ["by_weight"],
                "direction_exception_answers": ["down"],
            },
            "Hammer has 200, after 100 in 2019 (+100 %) (Guild, by hand): inconclusive, as the ways of "
            "counting disagree",
        ),
        (
            {
                "move": "up",
                "compared_on": "common months",
                "common_months": 9,
                "yoy_common_pct": 19.2,
                "common_value": 174,
                "common_prior_value": 146,
                "yoy_at_least_pct": 12.0,
            },
            "Hammer is up 19 % over the 9 months that are available of both years, 174 after 146, and up at "
            "least 12 % on "
            "the whole year before, as counted (Guild, by hand)",
        ),
        (
            {"move": "inconclusive", "compared_on": "common months", "common_months": 3, "yoy_common_pct": 2.9},
            "whether Hammer is up over the 3 months that are available of both years is inconclusive (+2.9 %) "
            "(Guild, by hand)",
        ),
        (
            {
                "move": "up",
                "compared_on": "lower bound",
                "yoy_at_least_pct": 73.0,
                "value": 227,
                "months_held": 9,
                "is_complete": False,
                "prior_value": 131,
            },
            "Hammer is up at least 73 %, as counted: 227 in the 9 months of 2020 that are available, after 131 "
            "in all of "
            "2019 (Guild, by hand)",
        ),
        (
            {
                "move": "not comparable",
                "value": 33,
                "months_held": 1,
                "is_complete": False,
                "not_comparable_reason": "a break",
            },
            "Hammer has 33 in the 1 month of 2020 that is available (Guild, by hand), not comparable with "
            "2019 (a break)",
        ),
        (
            {**STARS, "move": "slower"},
            "Hammer grew more slowly, +10 after +20 in 2019 (-50 %), and ends 2020 at 90 (Guild, by hand)",
        ),
        (
            {**STARS, "move": "down", "change": -5},
            "Hammer shrank, -5 after +20 in 2019 (-50 %), and ends 2020 at 90 (Guild, by hand)",
        ),
        (
            {**STARS, "move": "not comparable", "change_prior": None},
            "Hammer grew, +10, and ends 2020 at 90 (Guild, by hand); whether it grew faster is not comparable "
            "(what was added in 2019 is not known)",
        ),
        (
            {**STARS, "move": "down", "change": None, "change_low": -9, "change_high": -5, "change_prior": None},
            "Hammer shrank, -9 to -5, and ends 2020 at 90 (Guild, by hand); whether it shrank faster is "
            "not comparable (what was added in 2019 is not known)",
        ),
        (
            {**STARS, "move": "inconclusive", "change": None, "change_low": -17, "change_high": 5},
            "Hammer changed, -17 to +5 after +20 in 2019 (-50 %), and ends 2020 at 90 (Guild, by hand); whether that "
            "is faster is inconclusive",
        ),
        (
            {**STARS, "move": "inconclusive", "change": None, "change_low": 9, "change_high": 30},
            "Hammer grew, +9 to +30 after +20 in 2019 (-50 %), and ends 2020 at 90 (Guild, by hand); whether that "
            "is faster is inconclusive",
        ),
        (
            {**STARS, "move": "not comparable", "change": None, "not_comparable_reason": "a break"},
            "Hammer ends 2020 at 90 (Guild, by hand), not comparable with 2019 (a break)",
        ),
        (
            {**UP, "change": 3_067.0},
            "Hammer is up 32-fold, to 200 from 100 in 2019 (Guild, by hand)",
        ),
        (
            {**UP, "change": None, "change_low": 1_000.0},
            "Hammer is up at least 11-fold, to 200 from 100 in 2019 (Guild, by hand)",
        ),
        (
            {**UP, "move": "inconclusive", "change": None, "change_low": 2.9, "change_high": 2.94},
            "Hammer has 200, after 100 in 2019 (Guild, by hand): inconclusive, as the counts are small (+2.9 % "
            "before chance is allowed for)",
        ),
        (
            {
                "kind": "rate",
                "unit": "per 1,000 posts",
                "move": "inconclusive",
                "compared_on": "common months",
                "common_months": 7,
                "common_value": 7.6,
                "common_prior_value": 4.3,
                "yoy_common_low": 17.0,
                "yoy_common_high": 89.0,
            },
            "whether Hammer is up over the 7 months that are available of both years is inconclusive (between "
            "+17 % and +89 % before chance is allowed for, as the counts are small, 7.6 per 1,000 posts after 4.3) "
            "(Guild, by hand)",
        ),
        (
            {"move": "mixed", "parts": 6, "parts_compared": 6, "parts_up": 1, "parts_down": 3, "part_name": "fair"},
            "Hammer is up in 1, down in 3, inconclusive in 2 of 6 fairs (Guild, by hand)",
        ),
    ],
)
def test_how_a_metric_moved(row: Row, first: str) -> None:
    line = sentence({**SALES, **row})

    assert line.partition(": ")[2].startswith(f"{first}; ")
    assert line.endswith("; no comparable figure of both it and Anvil; grade A: exact and whole.")


@pytest.mark.parametrize(
    ("row", "clause"),
    [
        (LED, "it leads Anvil, 200 against 100, 2.00 times after 3.00 in 2019 (its lead shrank)"),
        (
            {**LED, "lead_common_months": 3, "lead_month_numbers": [1, 2, 4]},
            "it leads Anvil, 200 against 100 over the 3 months available of both (January to February, April), "
            "2.00 times",
        ),
        (
            {**LED, "lead": "trails", "lead_value": 50, "ratio_low": 0.5, "ratio_high": 0.5},
            "it trails Anvil, 50 against 100, 0.50 times after 3.00 in 2019 (Anvil passed it)",
        ),
        (
            {**LED, "lead_agreeing": 1, "lead_exceptions": ["totals"], "lead_exception_answers": ["trails"]},
            "(its lead shrank), in 1 of 2 specifications, but trails by totals",
        ),
        (
            {**LED, "lead_basis": "by_weight"},
            ". Both counted in one way (Guild, by weight), it leads Anvil, 200 against 100",
        ),
        (
            {**LED, "lead_value": 102, "ratio_low": 1.02, "ratio_high": 1.02},
            "it leads Anvil narrowly, 102 against 100, 1.02 times after 3.00 in 2019 (its lead shrank)",
        ),
        (
            {
                **LED,
                "lead": "trails",
                "lead_value": 12_503,
                "against_value": 12_562,
                "ratio_low": 0.9953,
                "ratio_high": 0.9953,
            },
            "it trails Anvil narrowly, 12,503 against 12,562, 0.995 times after 3.00 in 2019 (Anvil passed it)",
        ),
        (
            {
                **LED,
                **{"unit": "percent", "lead_value": None, "lead_low": 7.8, "lead_high": 100.0, "against_value": 1.7},
                **{"ratio_low": 4.34, "ratio_high": 63.53, "prior_ratio_low": None, "prior_ratio_high": None},
            },
            "it leads Anvil, at least 7.8 % against 1.7 %, at least 4.34 times",
        ),
        (
            {
                **LED,
                **{"unit": "percent", "lead": "trails", "lead_value": 1.7, "against_value": None, "against_low": 7.8},
                **{"against_high": 100.0, "ratio_low": 0.016, "ratio_high": 0.23},
            },
            "it trails Anvil, 1.7 % against at least 7.8 %, at most 0.23 times after 3.00 in 2019 (Anvil passed it)",
        ),
        (
            {**LED, "lead_value": None, "lead_low": 90, "lead_high": 110, "ratio_low": 0.9, "ratio_high": 1.04},
            "it leads Anvil, 90 to 110 against 100, 0.90 to 1.04 times",
        ),
        ({**LED, "lead": "inconclusive", "ratio_low": 1.0, "ratio_high": 1.0}, "inconclusive, 200 against 100, 1.00"),
        ({**LED, "lead": "inconclusive"}, "whether it leads Anvil is inconclusive, 200 against 100"),
        (
            {
                "lead": "mixed",
                "parts": 6,
                "parts_compared": 0,
                "part_name": "fair",
                "lead_parts": 6,
                "parts_led": 2,
                "parts_trailed": 3,
                "not_comparable_reason": "a break",
            },
            "against Anvil it leads in 2, trails in 3, is level or inconclusive in 1 of 6 fairs",
        ),
        (
            {
                **STARS,
                "move": "slower",
                "lead": "trails",
                "lead_value": -3,
                "against_value": 4,
                "lead_total": 90,
                "against_total": 50,
            },
            "it trails Anvil, -3 net against +4 (in total 90 against 50)",
        ),
    ],
)
def test_who_leads(row: Row, clause: str) -> None:
    assert clause in sentence({**SALES, **UP, **row})


def test_members_that_moved_alike_are_said_where_the_whole_says_nothing() -> None:
    whole = {**SALES, **UP, "kind": "share", "unit": "percent", "move": "inconclusive", "change_unit": "points"}
    parts = {"member_labels": ["Claw", "Sledge"], "member_direction": "down", "member_changes": [-3.7, -2.9]}
    assert "; its parts moved alike, Claw down 3.7 points, Sledge down 2.9 points; " in sentence({**whole, **parts})
    alone = {"member_labels": ["Claw"], "member_direction": "up", "member_changes": [None]}
    assert "; Claw alone is up; " in sentence({**whole, **alone})


def test_of_a_stock_the_own_preferred_change_is_of_what_was_added() -> None:
    own = {"own_basis": "by_weight", "own_source_label": "Scales", "own_value": 95, "own_change_pct": -22.0}
    assert "; by its own preferred count 95, additions -22 % (Scales, by weight); " in sentence(
        {**SALES, **STARS, **own, "move": "slower"}
    )


def test_an_own_figure_of_some_months_says_so_and_what_its_change_rests_on() -> None:
    own = {"own_basis": "by_weight", "own_source_label": "Scales", "own_value": 223, "own_months_held": 10}
    assert "; by its own preferred count 223 in 10 months (Scales, by weight); " in sentence({**SALES, **UP, **own})
    row = {**SALES, **UP, **own, "own_change_pct": 22.0, "own_common_months": 9}
    assert (
        "; by its own preferred count 223 in 10 months, +22 % over the 9 months that are available of both years "
        "(Scales, by weight); "
    ) in sentence(row)


def test_the_clauses_beside_a_move() -> None:
    line = sentence(
        {
            **SALES,
            **UP,
            "against_change_pct": 148.0,
            "own_basis": "by_weight",
            "own_source_label": "Scales",
            "own_value": 223,
            "own_change_pct": 22.0,
            "direction_answer": "up",
            "direction_agreeing": 2,
            "direction_exceptions": ["by_weight"],
            "direction_exception_answers": ["down"],
            "direction_inconclusive": ["role=Smith"],
            "grade": "C",
            "grade_reason": "a sample; a sample; few",
        }
    )

    assert "; Anvil +148 %; by its own preferred count 223, +22 % (Scales, by weight); " in line
    assert (
        "; up in 2 of 3 specifications, but down when counted as by weight, inconclusive among those whose "
        "role is Smith; "
    ) in line
    assert line.endswith("; grade C: a sample, few.")


def test_the_own_preferred_figure_of_a_rate_has_its_unit() -> None:
    own = {"own_basis": "by_weight", "own_source_label": "Scales", "own_value": 9.8, "own_change_pct": 55.0}
    rate = {**SALES, **UP, **own, "kind": "rate", "unit": "per 1,000 posts"}
    assert "; by its own preferred count 9.8 per 1,000 posts, +55 % (Scales, by weight); " in sentence(rate)


def test_a_reason_that_both_years_share_is_said_once() -> None:
    line = sentence({**SALES, **UP, "grade": "C", "grade_reason": "a sample; 2019: a sample; 2019: few"})
    assert line.endswith("; grade C: a sample, 2019: few.")


HEADLINE: Row = {
    **SALES,
    "line_kind": "headline",
    "metric_label": None,
    "released": None,
    "against_released": None,
    "growth_metric_label": None,
    "newest_month_of_year": None,
    "channels_measured": 3,
    "channels_compared": 2,
    "channels_not_measured": ["fame"],
    "leads_compared": 0,
    **{
        f"{name}_in": []
        for name in ("led", "trailed", "mixed", "undecided", "lead_widened", "lead_shrank", "caught_up", "fell_behind")
    },
    **{
        f"moves_{move}_in": [] for move in ("up", "down", "flat", "faster", "slower", "steady", "mixed", "inconclusive")
    },
}


def test_a_headline_counts_leads_what_became_of_them_and_moves() -> None:
    row = {
        **HEADLINE,
        **LED,
        "metric_label": "Tools sold",
        "led_in": ["sales", "jobs"],
        "trailed_in": ["papers"],
        "leads_compared": 4,
        "lead_shrank_in": ["Tools sold"],
        "moves_up_in": ["sales"],
        "moves_slower_in": ["stars"],
    }

    assert sentence(row) == (
        "In 2020 Hammer leads Anvil in 2 of 3 channels with data of both (sales, jobs), trails in 1 "
        "(papers); Hammer is "
        "ahead in Tools sold, 200 against 100 (Guild, by hand), 2.00 times after 3.00 in 2019 (its lead "
        "shrank); Hammer lost "
        "some of its lead in 1 (Tools sold), of 4 metrics compared with 2019; Hammer is up in 1 (sales), slower in 1 "
        "(stars), of 2 channels that compare with 2019; no data of both: fame."
    )


def test_a_headline_sets_growth_beside_the_median_package() -> None:
    grown = {**HEADLINE, "growth_metric_label": "Tools sold", "growth_pct": 7.1, "growth_months": None,
             "baseline_growth_pct": 26.0}  # fmt: skip

    assert "Tools sold: Hammer +7.1 %, the median package +26 %; Hammer is " in sentence(grown)
    assert (
        "Tools sold over 5 months of both years: Hammer +7.1 %, the median package +26 %, Anvil +82 %; Hammer is "
    ) in sentence({**grown, "growth_months": 5, "against_change_pct": 82.2})


def test_a_headline_of_a_year_that_is_not_over_says_how_far_it_is_known() -> None:
    assert sentence({**HEADLINE, "newest_month_of_year": date(2020, 7, 1)}).startswith("In 2020, up to July, ")


def test_a_headline_of_few_channels_says_first_what_is_missing_and_tells_the_lead_of_who_has_it() -> None:
    row = {
        **HEADLINE,
        "channels_measured": 1,
        "metric_label": "Tools sold",
        "lead": "trails",
        "lead_value": 50,
        "against_value": 100,
        "ratio_low": 0.5,
        "ratio_high": 0.5,
        "trailed_in": ["sales"],
        "channels_compared": 0,
    }

    assert sentence(row) == (
        "In 2020 only 1 of 2 channels has data of both Hammer and Anvil (no data: fame): Hammer trails Anvil "
        "in 1 of 1 "
        "channel with data of both (sales); Anvil is ahead in Tools sold, 100 against 50 (Guild, by hand), "
        "2.00 times; no "
        "channel of Hammer compares with 2019."
    )


def test_nobody_is_compared_with_what_was_not_released() -> None:
    row = {**HEADLINE, "channels_measured": 0, "against_released": date(2021, 1, 18), "moves_up_in": ["sales", "jobs"]}

    assert sentence(row) == (
        "In 2020 Anvil (released 2021-01-18) cannot be compared: Hammer is up in 2 (sales, jobs), of 2 channels that "
        "compare with 2019."
    )


CHANNEL: Row = {
    **SALES,
    "line_kind": "channel",
    "metric_label": None,
    "move": "slower",
    "metrics_of": ["Stars", "Forks"],
    "metric_moves": ["slower", "not comparable"],
    "metrics_led": ["Stars"],
    "metrics_trailed": ["Forks"],
    "metrics_undecided": [],
    "lead": "mixed",
    "grade": "D",
}


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            {},
            "Sales: Hammer grew more slowly (Stars slower, Forks not comparable); against Anvil it leads in "
            "Stars, trails in "
            "Forks; grade D: heavily undercounted, incomplete or a proxy.",
        ),
        (
            {"move": "inconclusive", "lead": "leads"},
            "Sales: whether Hammer is up is inconclusive (Stars slower, Forks not comparable); it leads Anvil in "
            "Stars; "
            "grade D: heavily undercounted, incomplete or a proxy.",
        ),
        ({"move": "no data", "no_data_reason": "Stars: no source"}, "Sales: no data (Stars: no source)."),
    ],
)
def test_a_channel_of_several_metrics(row: Row, line: str) -> None:
    assert sentence({**CHANNEL, **row}) == line
