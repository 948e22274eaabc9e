"""The configuration: what it decides, and how it says what is wrong."""

from __future__ import annotations

import re

import pytest

from schemacheck import config, docs
from schemacheck.errors import UsageError
from schemacheck.model import Direction, Level, Mode, Rule, Surface

FULL = """
roots = ["schemas", "proto"]
exclude = ["schemas/vendor/**"]
mode = "BACKWARD"
fail_on = "warning"
minimum = 0
strict_layout = true

[[layout]]
path = "schemas/{domain}/{event}/v{version}.{ext}"
former = ["old/{event}/v{version}.{ext}"]

[identity]
prefix = "com.acme"
avro = "{prefix}.{domain}.v{version}.{Event}"
shared = ["schemas/common/**"]

[baseline]
published = ["main", "release/*"]
remote = "upstream"

[levels]
meaning = "warning"
"avro/default-changed" = "error"

[[policy]]
paths = ["schemas/ledger/**"]
mode = "full_transitive"
levels = { "avro/default-changed" = "off" }

[[policy]]
paths = ["schemas/ledger/draft/*"]
mode = "NONE"

[protobuf]
json = false
source = "warning"
roots = ["proto"]
"""


def test_every_key_reaches_the_policy() -> None:
    policy = config.parse(FULL, "schemacheck.toml")
    assert ("schemas", "proto") == policy.roots
    assert ("schemas/vendor/**",) == policy.exclude
    assert ("schemas/{domain}/{event}/v{version}.{ext}", "old/{event}/v{version}.{ext}") == policy.layouts
    assert {"prefix": "com.acme", "avro": "{prefix}.{domain}.v{version}.{Event}"} == dict(policy.identity)
    assert ("schemas/common/**",) == policy.shared
    assert ("main", "release/*") == policy.published
    assert policy.remote == "upstream"
    assert Level.WARNING == policy.fail_on
    assert policy.minimum == 0
    assert policy.strict_layout
    assert policy.options["protobuf"]["json"] is False
    assert ("proto",) == policy.options["protobuf"]["roots"]


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("schemas/orders/v1.avsc", "BACKWARD"),
        ("schemas/ledger/entry/v1.avsc", "FULL_TRANSITIVE"),
        ("schemas/ledger/draft/v1.avsc", "NONE"),
        ("schemas/ledger/draft/deep/v1.avsc", "NONE"),
    ],
)
def test_the_last_policy_that_covers_a_path_wins(path: str, mode: str) -> None:
    assert Mode.parse(mode) == config.parse(FULL, "schemacheck.toml").mode_for(path)


@pytest.mark.parametrize(
    ("rule", "path", "level"),
    [
        ("avro/default-changed", "schemas/orders/v1.avsc", Level.ERROR),
        ("avro/default-changed", "schemas/ledger/v1.avsc", Level.OFF),
        ("avro/time-unit-changed", "schemas/orders/v1.avsc", Level.WARNING),
        ("avro/type-changed", "schemas/orders/v1.avsc", Level.ERROR),
    ],
)
def test_a_level_is_named_by_rule_before_surface_and_by_path_before_all(rule: str, path: str, level: Level) -> None:
    assert level == config.parse(FULL, "schemacheck.toml").level(docs.all_rules()[rule], path)


def test_the_level_of_source_changes_has_a_key_of_its_own_for_protobuf() -> None:
    rule = Rule("protobuf/package-changed", "", Direction.BACKWARD, Surface.SOURCE, None, Level.OFF)
    assert Level.WARNING == config.parse(FULL, "schemacheck.toml").level(rule, "proto/orders.proto")


def test_without_a_file_everything_is_strict() -> None:
    policy = config.Policy()
    assert str(policy.mode) == "FULL_TRANSITIVE"
    assert Level.ERROR == policy.fail_on
    assert policy.minimum == 1


def test_pyproject_holds_the_same_table() -> None:
    policy = config.parse('[project]\nname = "x"\n[tool.schemacheck]\nmode = "BACKWARD"\n', "pyproject.toml")
    assert Mode.parse("BACKWARD") == policy.mode
    assert config.Policy() == config.parse('[project]\nname = "x"\n', "pyproject.toml")


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('\nmodus = "FULL"\n', 2, "modus"),
        ('mode = "FULLISH"\n', 1, "mode"),
        ("roots = 3\n", 1, "roots"),
        ('roots = ["../elsewhere"]\n', 1, "roots"),
        ('roots = ["/etc"]\n', 1, "roots"),
        ('fail_on = "sometimes"\n', 1, "fail_on"),
        ("minimum = true\n", 1, "minimum"),
        ('[levels]\n"avro/type-changed" = "loud"\n', 2, "levels.avro/type-changed"),
        ('[levels]\nbinary = "off"\n', 2, "levels.binary"),
        ('[[layout]]\npath = "schemas/{event}.avsc"\n', 2, "layout.path"),
        ("[[layout]]\n", 1, "layout.path"),
        ('[[policy]]\nmode = "NONE"\n', 1, "policy.paths"),
        ('[protobuf]\njson = "yes"\n', 2, "protobuf.json"),
        ('[baseline]\nbranch = "main"\n', 2, "baseline.branch"),
        ("layout = 3\n", 1, "layout"),
        ('[identity]\nschema = "x"\n', 2, "identity.schema"),
    ],
)
def test_an_error_names_file_line_and_key(text: str, line: int | None, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        config.parse(text, "schemacheck.toml")
    place = f"schemacheck.toml:{line}" if line else "schemacheck.toml"
    assert caught.value.message.startswith(f'{place}: the key "{key}"')
    assert caught.value.hint.startswith("expected ")


def test_what_is_no_toml_is_refused_with_its_place() -> None:
    with pytest.raises(UsageError, match=r"schemacheck\.toml: .*line 1, column 8"):
        config.parse("mode = ?\n", "schemacheck.toml")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("schemas", "schemas/a/v1.avsc", True),
        ("schemas/*", "schemas/a/v1.avsc", True),
        ("schemas/*.avsc", "schemas/a/v1.avsc", False),
        ("schemas/**/v1.avsc", "schemas/a/b/v1.avsc", True),
        ("schemas/**/v1.avsc", "schemas/v1.avsc", True),
        ("**/draft/**", "schemas/draft/v1.avsc", True),
        ("schema", "schemas/v1.avsc", False),
        ("schemas/v?.avsc", "schemas/v1.avsc", True),
        ("schemas/v[1].avsc", "schemas/v1.avsc", False),
    ],
)
def test_patterns_cover_paths_as_in_gitignore(pattern: str, path: str, expected: bool) -> None:
    assert expected == config.matches(path, pattern)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n" * 300_000 + "bogus = 1\n", 'schemacheck.toml:300001: the key "bogus"'),
        (" \n" * 300_000 + "[registry]\nbogus = 1\n", 'schemacheck.toml:300002: the key "registry.bogus"'),
        ("bogus" + ".a" * 200_000 + " = 1\n", "a key has more than 64 parts"),
        ("[" + 'a."b c".' * 100_000 + "c]\n", "a key has more than 64 parts"),
        ("x = {" + "a . " * 70 + "b = 1}\n", "a key has more than 64 parts"),
        ("minimum = " + "9" * 5_000, "a number of thousands of digits"),
        ("roots = " + "[" * 100_000 + "]" * 100_000, "nest too deeply"),
        ("x = " + "{a=" * 100_000 + "1" + "}" * 100_000, "nest too deeply"),
        ("minimum = 9999-99-99", "schemacheck.toml: "),
        ("minimum = 1979-05-27T07:32:00Z", 'schemacheck.toml:1: the key "minimum"'),
    ],
    ids=["blank", "spaces", "dotted", "header", "inline", "digits", "arrays", "tables", "no date", "date"],
)
def test_a_text_that_was_made_to_take_long_is_a_usage_error(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        config.parse(text, "schemacheck.toml")
    assert config.published(text, "schemacheck.toml").minimum >= 0
