"""The 48 leak channels: which tests hold each, or why there is nothing to test yet. `docs/leaks.md` is this table."""

from dataclasses import dataclass

_HERE = "tests/leaks/test_rows.py::test_row_"
_PAIRS = "tests/leaks/test_noninterference.py::test_what_is_hidden_makes_no_difference"
_CUSTOM = "tests/leaks/test_custom_rows.py::test_row_"
_HIDDEN = "tests/gateway/test_hidden.py::test_"
_PREVIEWS = "tests/leaks/test_previews.py::test_row_"
_BY_POLICY = (
    "tests/gateway/test_access_records.py::test_row_01_an_invited_company_reads_no_hidden_field_by_its_own_policy"
)
_TEMPLATES = "tests/gateway/test_templates.py::test_"


@dataclass(frozen=True, slots=True)
class Row:
    """One channel. Either `tests`, as `file::function`, or the `reason` why it is not applicable yet."""

    number: int
    name: str
    tests: tuple[str, ...] = ()
    reason: str = ""

    def line(self) -> str:
        """Its line of the document."""
        held = ", ".join(f"`{test}`" for test in self.tests) or f"Not applicable yet: {self.reason}"
        return f"| {self.number} | {self.name} | {held} |"


_SUBSCRIPTIONS = "there are no subscriptions."

ROWS = (
    Row(1, "filter on a hidden field", (_HERE + "01_and_03_a_filter_on_a_hidden_field", _PAIRS, _BY_POLICY)),
    Row(2, "filter smuggled in", (_HERE + "02_what_a_filter_does_not_know_is_refused",)),
    Row(
        3,
        "filter through a relation to a hidden record",
        (
            _HERE + "01_and_03_a_filter_on_a_hidden_field",
            "tests/leaks/test_links.py::test_no_filter_looks_into_links",
        ),
    ),
    Row(4, "sort order", (_HERE + "04_a_sort_by_a_hidden_field", _PAIRS)),
    Row(5, "cursor contents", (_HERE + "05_cursors_of_others_and_forged_ones",)),
    Row(6, "cursor or unique key as an oracle", (_HERE + "06_a_hidden_unique_value", _PAIRS)),
    Row(7, "min, max, sum, group-by", (_HERE + "07_groups_hold_visible_values_alone", _PAIRS)),
    Row(
        8,
        "totalCount, short pages, hasNext",
        (
            _HERE + "08_the_total_is_what_is_walked",
            _PREVIEWS + "08_a_preview_of_a_rule_counts_nothing_that_its_author_hides_from_itself",
            _PREVIEWS + "08_a_preview_of_a_rule_counts_nothing_by_what_a_policy_hides_from_its_author",
            _PAIRS,
        ),
    ),
    Row(9, "text of errors", (_HERE + "09_and_10_errors_tell_nothing_of_what_is_hidden",)),
    Row(
        10,
        "difference between errors",
        (
            _HERE + "09_and_10_errors_tell_nothing_of_what_is_hidden",
            _HIDDEN + "a_hidden_id_is_answered_as_one_never_issued",
        ),
    ),
    Row(11, "null and absent, non-null bubbling", (_HERE + "11_hidden_is_null_without_an_error",)),
    Row(
        12,
        "introspection, custom field names",
        (
            _HERE + "12_introspection_is_one_for_all",
            _TEMPLATES + "custom_fields_are_typed_for_their_company_and_for_nobody_else",
            _CUSTOM + "12_the_key_of_a_custom_field_tells_of_no_hidden_one",
            _PAIRS,
        ),
    ),
    Row(13, "did you mean", (_HERE + "13_no_suggestions",)),
    Row(
        14,
        "node(id), look-ups by id, type confusion",
        (_HIDDEN + "an_id_of_one_type_does_not_open_another", _HIDDEN + "a_hidden_id_is_answered_as_one_never_issued"),
    ),
    Row(
        15,
        "neighbours",
        (
            _HERE + "15_who_declined_is_not_listed",
            "tests/leaks/test_links.py::test_links_that_are_hidden_cost_what_no_links_cost",
            _PAIRS,
        ),
    ),
    Row(16, "unique constraint", (_HERE + "16_natural_keys_are_unique_in_one_space_alone",)),
    Row(17, "upsert, foreign key", (_HIDDEN + "a_hidden_id_is_answered_as_one_never_issued", _PAIRS)),
    Row(
        18,
        "version, updatedAt, ETag",
        (
            _HIDDEN + "a_partners_own_writes_show_nowhere_to_those_who_may_not_see_them",
            _CUSTOM + "18_the_version_of_anothers_template_does_not_count_with_whom_else_it_is_shared",
            _PAIRS,
        ),
    ),
    Row(19, "mutation payload, server-side copy", (_HERE + "19_a_payload_is_what_a_query_gives",)),
    Row(20, "union of grants over records", (_HERE + "20_shares_of_two_records_do_not_combine",)),
    Row(21, "subscription filter as an oracle", reason=_SUBSCRIPTIONS),
    Row(22, "subscription payload", reason=_SUBSCRIPTIONS),
    Row(23, "subscription outliving the right", reason=_SUBSCRIPTIONS),
    Row(24, "handshake and shared upstream sockets", reason=_SUBSCRIPTIONS),
    Row(25, "webhooks", reason="there are no webhooks."),
    Row(26, "CRM sync and integrations", reason="there are no integrations; every caller is a person."),
    Row(
        27,
        "exports and imports",
        (
            "tests/moving/test_export.py::test_what_a_company_may_not_see_makes_no_difference_to_its_export",
            "tests/moving/test_export.py::test_an_export_holds_no_word_of_what_is_hidden",
        ),
    ),
    Row(
        28,
        "audit log, history, activity stream",
        (
            "tests/leaks/test_history.py::test_how_hidden_things_came_to_be_makes_no_difference",
            "tests/gateway/test_history.py::test_a_partner_sees_nothing_of_anothers_side_and_nobody_of_it",
        ),
    ),
    Row(
        29, "authorization-decision cache", ("tests/policies/test_equal.py::test_a_warm_cache_answers_as_none", _PAIRS)
    ),
    Row(
        30,
        "dataloader and executor shared by callers",
        ("tests/gateway/test_concurrency.py::test_200_interleaved_requests_of_5_viewers_are_answered_as_one_by_one",),
    ),
    Row(31, "response cache, ETag, CDN", (_HERE + "31_the_same_bytes_of_two_callers",)),
    Row(32, "plans, statistics and connections of the database", (_PAIRS,)),
    Row(33, "persisted documents", reason="there are no persisted documents."),
    Row(34, "_entities, _service, direct subgraph access", reason="the gateway is no subgraph and has none."),
    Row(
        35,
        "interfaces and fragments",
        (
            _HERE + "35_36_and_38_other_words_for_a_query_change_nothing",
            "tests/gateway/test_executors_equal.py::test_both_executors_and_both_backends_answer_alike",
        ),
    ),
    Row(36, "aliases", (_HERE + "35_36_and_38_other_words_for_a_query_change_nothing", _PAIRS)),
    Row(37, "@defer, @stream, batches", reason="the gateway knows neither, and takes one operation a request."),
    Row(38, "own directives", (_HERE + "35_36_and_38_other_words_for_a_query_change_nothing", _PAIRS)),
    Row(39, "tracing, profiling, cost extensions", (_HERE + "39_nothing_is_told_beside_the_answer",)),
    Row(40, "logs and telemetry", (_PAIRS,)),
    Row(
        41,
        "timing",
        (_PAIRS, "tests/leaks/test_links.py::test_links_that_are_hidden_cost_what_no_links_cost"),
    ),
    Row(42, "search match", (_HERE + "42_no_part_of_a_hidden_text_is_found", _PAIRS)),
    Row(43, "search score and ranking", (_HERE + "43_hidden_texts_change_no_score_and_no_order", _PAIRS)),
    Row(44, "recommendations, matches, duplicates", reason="nothing is suggested or matched."),
    Row(
        45,
        "dashboards, saved views, reports, templates",
        reason="there are no dashboards, views or reports; templates hold nobody's data.",
    ),
    Row(46, "errors of a remote space", reason="there are no remote spaces."),
    Row(47, "requests to a remote space, SSRF", reason="there are no remote spaces; callers name no addresses."),
    Row(
        48,
        "a field or id used again later",
        (
            _TEMPLATES + "a_field_that_is_dropped_and_declared_again_has_no_value_and_no_right",
            "tests/policies/test_custom.py::test_a_right_hangs_on_the_field_and_not_on_its_name",
        ),
    ),
)
