"""The HTML page in a real browser: no error, no request, and nothing that axe objects to, in light, dark and narrow."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from places import ROOT
from render.pages import Parsed, pages

VERSION = "4.14.1"
CACHE = ROOT / ".cache" / "axe-core"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--no-first-run", "--disable-sync", "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND"),
)
RUN = """
axe.run(document, {resultTypes: ["violations", "incomplete"]}).then(
  (found) => found.violations.map((one) => [one.impact, one.id, one.nodes[0].html]),
  (error) => [["critical", "axe failed", String(error)]],
).then((found) => {
  const shown = document.createElement("pre");
  shown.id = "axe-found";
  shown.textContent = JSON.stringify(found);
  document.body.append(shown);
});
"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@cache
def axe() -> str:
    """The source of axe-core, which npm brings once; skips where it cannot."""
    source = CACHE / VERSION / "node_modules" / "axe-core" / "axe.min.js"
    npm = shutil.which("npm")
    if not source.exists():
        if npm is None:
            pytest.skip("npm is not installed, which brings axe-core")
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            done = subprocess.run(
                [
                    npm,
                    "install",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--prefix",
                    folder,
                    f"axe-core@{VERSION}",
                ],
                capture_output=True,
                text=True,
                timeout=180,
                check=False,
            )
            if done.returncode != 0 and not os.environ.get("CI"):
                pytest.skip(f"npm cannot install axe-core: {done.stderr.strip()[-200:]}")
            assert done.returncode == 0, done.stderr
            if not source.exists():  # another process may have been faster
                shutil.copytree(folder, CACHE / VERSION, dirs_exist_ok=True)
    return source.read_text(encoding="utf-8")


def browse(folder: Path, text: str, options: Sequence[str] = ()) -> tuple[str, str]:
    """The document as the browser holds it after all that a page does, and what it logged."""
    assert CHROMIUM is not None
    page = folder / "page.html"
    page.write_text(text, encoding="utf-8")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", *options]
    done = subprocess.run(
        [*command, "--virtual-time-budget=20000", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, done.stderr


def requested(log: Path) -> set[str]:
    """The addresses that the page asked for by a browser's net log; what the browser wants for itself has no origin."""
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    asked = [event["params"] for event in events if "initiator" in event.get("params", {})]
    return {asking["url"] for asking in asked if asking["initiator"] != "not an origin"}


@pytest.mark.parametrize("name", ["matrix", "hostile", "folded"])
def test_a_browser_finds_no_error_and_asks_for_nothing(name: str, tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    dom, errors = browse(tmp_path, pages()[name], [f"--log-net-log={log}"])
    assert [] == [line for line in errors.splitlines() if "CONSOLE" in line]
    assert set() == requested(log)
    page, built = Parsed(pages()[name]), Parsed(dom.removeprefix("<!DOCTYPE html>"))
    assert [e.name for e in page.elements] == [e.name for e in built.elements]


def test_the_means_of_this_test_would_see_an_error_and_a_request(tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", pages()["pass"])
    spoilt = text.replace("<main>", '<main><img src="http://shop.invalid/x.png"><script>console.error("seen")</script>')
    _, errors = browse(tmp_path, spoilt, [f"--log-net-log={log}"])
    assert any("CONSOLE" in line and "seen" in line for line in errors.splitlines())
    assert {"http://shop.invalid/x.png"} <= requested(log)


def test_the_page_itself_forbids_scripts_and_requests(tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    attack = '<main><img src="http://shop.invalid/x.png"><script>document.body.id = "alive"</script>'
    dom, errors = browse(tmp_path, pages()["pass"].replace("<main>", attack), [f"--log-net-log={log}"])
    assert 'id="alive"' not in dom
    assert 2 <= sum("Content Security Policy" in line for line in errors.splitlines())
    assert set() == requested(log)


VIEWS = {
    "light": ["--window-size=1280,900"],
    "dark": ["--window-size=1280,900", "--blink-settings=preferredColorScheme=0"],
    "narrow": ["--window-size=500,900"],
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", ["matrix", "not_checked"])
def test_axe_finds_nothing_serious(name: str, view: str, tmp_path: Path) -> None:
    text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", pages()[name])
    text = text.replace("<details", "<details open").replace("open open", "open")
    dom, _ = browse(
        tmp_path, text.replace("</body>", f"<script>{axe()}</script><script>{RUN}</script></body>"), VIEWS[view]
    )
    found = re.search('<pre id="axe-found">(.*?)</pre>', dom, re.DOTALL)
    assert found
    violations = json.loads(html.unescape(found[1]))
    assert [] == [one for one in violations if one[0] in ("serious", "critical", "moderate")]


def test_axe_would_find_a_table_without_contrast(tmp_path: Path) -> None:
    text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", pages()["pass"])
    spoilt = text.replace("</style>", "main p { color: #bbb !important; background: #fff }</style>")
    dom, _ = browse(tmp_path, spoilt.replace("</body>", f"<script>{axe()}</script><script>{RUN}</script></body>"))
    found = re.search('<pre id="axe-found">(.*?)</pre>', dom, re.DOTALL)
    assert found
    assert ["color-contrast"] == [one[1] for one in json.loads(html.unescape(found[1]))]
