"""The documentation site: it builds without a warning, its runs are real, its snippets valid, nothing is left out."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from places import ROOT
from runs import BROKEN, PATH, V1, console, quick_start, renewed
from sources.repos import Repo

from schemacheck import cli, config, docs
from schemacheck.render import RENDERERS
from schemacheck.toml import Table

SITE = ROOT / ".github/docs"
PAGES = {path.relative_to(SITE / "pages").as_posix(): path for path in sorted((SITE / "pages").rglob("*.md"))}
BUILD = runpy.run_path(str(SITE / "hooks.py"))


def texts() -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8") for name, path in PAGES.items()}


def blocks(language: str) -> list[tuple[str, str]]:
    """Every fenced block of a language, with its page."""
    return [
        (name, block)
        for name, text in texts().items()
        for block in re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


# real runs


def directions(folder: Path) -> str:
    repo = Repo(folder / "directions")
    repo.commit({PATH: V1})
    repo.write({PATH: BROKEN.replace('"type": "long"}', '"type": "long"},\n    {"name": "country", "type": "string"}')})
    return console(repo, ["schemacheck", "diff"])


def order(folder: Path) -> str:
    repo = Repo(folder / "order")
    repo.commit({PATH: V1, "schemacheck.toml": 'mode = "BACKWARD"\n'})
    repo.write({PATH: BROKEN})
    return console(repo, ["schemacheck", "check"])


def baseline(folder: Path) -> str:
    remote = Repo(folder / "remote")
    remote.commit({PATH: V1})
    clone = remote.clone(folder / "baseline")
    clone.branch("feature")
    clone.commit({"README.md": "mine"})
    remote.commit({"README.md": "theirs"})
    clone.git("fetch", "-q")
    return console(clone, ["schemacheck", "baseline"])


def hook(folder: Path) -> dict[str, str]:
    remote = Repo(folder / "published")
    remote.commit({PATH: V1})
    clone = remote.clone(folder / "hook")
    installed = console(clone, ["schemacheck", "init", "--hook"])
    clone.write({PATH: BROKEN})
    return {"init-hook": installed, "hook": console(clone, ["git", "commit", "--all", "--message", "No currency"])}


def test_the_pages_show_real_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make readme` sets SCHEMACHECK_WRITE_README, which writes them anew instead."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-11-20T09:12:44Z")
    single = {run.__name__: run(tmp_path) for run in (directions, order, baseline)}
    runs = {**quick_start(tmp_path), **single, **hook(tmp_path)}
    real = {name: renewed(text, runs) for name, text in texts().items()}
    if os.environ.get("SCHEMACHECK_WRITE_README"):
        for name, path in PAGES.items():
            path.write_text(real[name], encoding="utf-8", newline="\n")
    else:
        assert texts() == real


# the site


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """Strict: a link to nowhere, a page that is in no menu or an unknown setting fails."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    command += ["--config-file", str(SITE / "mkdocs.yml"), "--site-dir", str(tmp_path / "site")]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert (0, "") == (done.returncode, done.stdout + done.stderr)
    site = tmp_path / "site"
    assert {f"rules/{rule}.html" for rule in docs.all_rules()} <= {
        path.relative_to(site).as_posix() for path in site.rglob("*.html")
    }
    page = (site / "migrate/buf.html").read_text(encoding="utf-8")
    assert 'href="../rules/protobuf/field-removed.html"' in page
    for path in site.rglob("rules/*/*.html"):
        assert "```" not in path.read_text(encoding="utf-8"), f"{path} shows a block that is none"
    loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//[^"]+', page)
    assert [] == [tag for tag in loaded if 'rel="canonical"' not in tag]


def test_every_rule_that_a_page_names_exists() -> None:
    formats = "|".join(sorted({rule.partition("/")[0] for rule in docs.all_rules()}))
    for name, text in texts().items():
        for rule in re.findall(rf"`((?:{formats})/[\w-]+)`", text):
            assert rule in docs.all_rules(), f"{name} names {rule}"


def test_every_command_line_in_the_pages_is_understood() -> None:
    context_commands = {name: cli.cli.get_command(None, name) for name in cli.COMMANDS}  # type: ignore[arg-type]
    lines = [
        line.removeprefix("$ ").strip(" `")
        for text in texts().values()
        for line in re.findall(r"`schemacheck [^`]+`", text)
    ]
    lines += [line for language in ("sh", "yaml") for _, block in blocks(language) for line in block.splitlines()]
    found = 0
    for line in lines:
        match = re.search(r"(?:^|[ /])schemacheck ([a-z]+(?: .*)?)$", line.strip("- "))
        if match is None or "docker" in line:
            continue
        name, *words = shlex.split(match[1])
        command = context_commands[name]
        assert command is not None, line
        options = {opt for parameter in command.params for opt in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line
        found += 1
    assert found > 15


def test_every_report_that_is_asked_for_exists() -> None:
    template = (ROOT / "schemacheck/templates/gitlab.yml").read_text(encoding="utf-8")
    asked = {name for text in [template, *texts().values()] for name in re.findall(r"--report (\w+)=", text)}
    assert {"gitlab", "junit"} <= asked <= set(RENDERERS)


# snippets

_SCHEMAS = {
    "steps": "vendor.github-workflows",
    ".github/workflows/schemacheck.yml": "vendor.github-workflows",
    "azure-pipelines.yml": "vendor.azure-pipelines",
    "bitbucket-pipelines.yml": "vendor.bitbucket-pipelines",
    ".circleci/config.yml": "vendor.circle-ci",
}


@pytest.mark.parametrize(("page", "block"), blocks("yaml"))
def test_the_snippets_fit_their_schemas(page: str, block: str, tmp_path: Path) -> None:
    name = block.splitlines()[0].removeprefix("# ")
    file = tmp_path / "snippet.yml"
    if name == "steps":
        block = "on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n" + textwrap.indent(block, "    ")
    file.write_text(block, encoding="utf-8")
    if name == ".pre-commit-config.yaml":
        command = ["pre_commit", "validate-config", str(file)]
    else:
        command = ["check_jsonschema", "--regex-variant", "nonunicode", "--builtin-schema", _SCHEMAS[name], str(file)]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False, timeout=60)
    assert 0 == done.returncode, f"{page}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize(("page", "block"), blocks("toml"))
def test_the_configurations_are_understood(page: str, block: str) -> None:
    assert config.parse(block, "schemacheck.toml").file


def test_the_inputs_of_the_action_are_all_told() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    told = re.findall(r"(?m)^\| `([a-z-]+)` \|", texts()["ci.md"])
    assert sorted(action["inputs"]) == sorted(told)


# the reference of the configuration


def known_keys(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every key that the parser asks its tables for, while it reads all examples of the reference."""
    asked: set[str] = set()
    end = Table.end

    def recorded(table: Table, known: Sequence[str]) -> None:
        full = (re.sub(r"\[\d+\]", "", table.key(key)) for key in known)
        asked.update(re.sub(r"^envelope\.\w+\.", "envelope.ROLE.", key) for key in full)
        end(table, known)

    monkeypatch.setattr(Table, "end", recorded)
    for key in BUILD["keys"]():
        config.parse(key["example"], "schemacheck.toml")
    return asked


def test_the_reference_has_every_key_that_the_parser_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {key["name"] for key in BUILD["keys"]()}
    tables = {name.partition(".")[0] for name in named if "." in name}
    known = known_keys(monkeypatch)
    assert known - tables == named - {"levels.RULE", "envelope.where"}, (
        "tell the key in .github/docs/configuration.toml"
    )
    assert tables <= known


def test_every_example_of_the_reference_sets_its_key() -> None:
    default = config.Policy(file="schemacheck.toml")
    for key in BUILD["keys"]():
        assert key["name"].rpartition(".")[2].replace("RULE", "source") in key["example"]
        if key["name"] not in ("identity.prefix",):
            assert default != config.parse(key["example"], "schemacheck.toml"), key["name"]
