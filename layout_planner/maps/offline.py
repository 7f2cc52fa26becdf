"""One self-contained page: every script, style and number inside, nothing to fetch, and a policy that forbids it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from layout_planner.maps.encode import script_json
from layout_planner.maps.palettes import TOKENS

__all__ = ["page"]

SCRIPTS = ("decode", "symbols", "cells", "labels", "popups", "view", "sheets", "panel", "search", "compare", "main")
"""Files of ``assets/app`` in the order in which they run."""

_RESOURCE = re.compile(r"^[^{}]*\{[^{}]*url\([^)]*\)[^{}]*\}\n?", re.MULTILINE)
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def page(payload: dict[str, Any], *, title: str, lang: str, hosts: Sequence[str] = ()) -> str:
    """Write the page.

    Parameters
    ----------
    payload : dict
        What ``assets/app/main.js`` reads.
    title : str
        Of the browser's tab; any text, it is escaped.
    lang : {"zh", "en"}
        The language that the page opens in.
    hosts : sequence of str
        Origins that tiles may come from; none for a page that works offline.
    """
    script = _script()
    parts = {
        "licence": _asset("leaflet/LICENSE").replace("--", "- -").strip(),
        "policy": _policy(script, hosts),
        "html_lang": "zh-CN" if lang == "zh" else "en",
        "title": escape(title),
        "style": _style(),
        "data": script_json(payload),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match.group(1)], _asset("app/page.html"))


def _policy(script: str, hosts: Sequence[str]) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    images = " ".join(["data:", *hosts])
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src {images}; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _script() -> str:
    leaflet = _SOURCE_MAP.sub("", _asset("leaflet/leaflet.js")).strip()
    app = "\n".join(_asset(f"app/{name}.js") for name in SCRIPTS)
    return f"{leaflet}\n(function () {{\n'use strict';\n{app}}})();\n"


@cache
def _style() -> str:
    leaflet = _RESOURCE.sub("", _asset("leaflet/leaflet.css"))
    tokens = "".join(f"--{name}:{color};" for name, color in TOKENS.items())
    return f"{leaflet}\n:root{{{tokens}}}\n{_asset('app/app.css')}"


@cache
def _asset(name: str) -> str:
    folder, file = name.split("/")
    return resources.files("layout_planner.maps").joinpath("assets", folder, file).read_text(encoding="utf-8")
