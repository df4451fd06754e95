"""Secrets of the usual shapes, taken out of a text before it is hashed or kept.

Every pattern is linear in the length of the text, whatever the text: repeats are possessive, a match can only
begin where a run begins (the character before it is not of the run), and all else is bounded. A pattern
runs only when its trigger, a plain substring, is there.
"""

import re
from collections.abc import Callable
from typing import NamedTuple


class Shape(NamedTuple):
    """One kind of secret: where to look, what it looks like, and what is put in its place."""

    gates: str
    """One or two characters, one of which every match holds: looking for one costs next to nothing."""
    triggers: tuple[str, ...]
    """Lower-case substrings, one of which every match holds."""
    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str]


_WORDS = (
    r"(?:api[_-]?key|apikey|secret[_-]?key|secret[_-]?access[_-]?key|access[_-]?key|client[_-]?secret|"
    r"(?:access|auth|refresh|bearer|session|id)[_-]?token|private[_-]?key|password|passwd)"
)
_SIGN = r"\\?[\"']?[ \t]{0,4}(?:=>|:=|[:=])[ \t]{0,4}"
_BARE = r"[^\s\"'\\,;&<>(){}\[\]`]"

SHAPES: tuple[Shape, ...] = (
    Shape(
        "-",
        ("sk-ant-",),
        re.compile(r"(?<![A-Za-z0-9_-])sk-ant-[A-Za-z0-9_-]{12,}+"),
        "[redacted:anthropic_key]",
    ),
    Shape(
        "-",
        ("sk-",),
        # Either one unbroken run, or a run with a digit in it: "sk-learn-based" is a word.
        re.compile(
            r"(?<![A-Za-z0-9_-])sk-(?:(?:[a-z]{2,8}-){0,2}[A-Za-z0-9]{20,}[A-Za-z0-9_-]*+"
            r"|(?=[A-Za-z_-]{0,64}[0-9])[A-Za-z0-9_-]{16,}+)"
        ),
        "[redacted:api_key]",
    ),
    Shape(
        "_",
        ("sk_", "rk_", "pk_"),
        re.compile(r"(?<![A-Za-z0-9_])[srp]k_(?:live|test)_[A-Za-z0-9]{10,}+"),
        "[redacted:stripe_key]",
    ),
    Shape("z", ("aiza",), re.compile(r"(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{30,}+"), "[redacted:google_key]"),
    Shape(
        "_",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_[A-Za-z0-9_]{20,}+)"),
        "[redacted:github_token]",
    ),
    Shape("-", ("glpat-",), re.compile(r"(?<![A-Za-z0-9_-])glpat-[A-Za-z0-9_-]{16,}+"), "[redacted:gitlab_token]"),
    Shape("-", ("xox",), re.compile(r"(?<![A-Za-z0-9-])xox[abeoprs]-[A-Za-z0-9-]{10,}+"), "[redacted:slack_token]"),
    Shape(
        "a",
        ("akia", "asia"),
        re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        "[redacted:aws_key]",
    ),
    Shape(
        "_-",
        ("gsk_", "xai-", "pplx-", "npm_", "lsv2_", "dop_v1_"),
        re.compile(
            r"(?<![A-Za-z0-9_-])(?:(?:gsk_|xai-|pplx-|npm_)(?=[A-Za-z]{0,64}[0-9])[A-Za-z0-9]{30,}+"
            r"|lsv2_[a-z]{2}_[0-9a-f]{32}[0-9a-f_]*+|dop_v1_[0-9a-f]{32,}+)"
        ),
        "[redacted:api_key]",
    ),
    Shape("_", ("hf_",), re.compile(r"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{20,}+"), "[redacted:hf_token]"),
    Shape(
        ".",
        ("eyj",),
        re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+){1,3}"),
        "[redacted:jwt]",
    ),
    Shape(
        "@",
        ("://",),
        re.compile(r"(://)[^\s/@:\"'<>]{0,256}+:[^\s/@\"'<>]{1,512}+@"),
        r"\1[redacted:url_credentials]@",
    ),
    Shape(
        "z",
        ("authorization",),
        re.compile(
            r"(?i)(authorization" + _SIGN + r"\\?[\"']?)(?:(?:basic|bearer|token|apikey|negotiate|digest)"
            r"[ \t]{1,4}" + _BARE + r"{4,}+|(?=[^\s0-9\"']{0,64}[0-9])" + _BARE + r"{16,}+)"
        ),
        r"\1[redacted:authorization]",
    ),
    Shape(
        " ",
        ("bearer",),
        re.compile(r"(?i)(?<![a-z0-9])(bearer[ \t]{1,4})(?=[a-z._~+/=-]{0,64}[0-9])[a-z0-9._~+/=-]{12,}+"),
        r"\1[redacted:bearer]",
    ),
    Shape(
        ":=",
        ("key", "secret", "token", "passw"),
        # A quoted value of some length, or a bare one with a digit in it: `api_key = read_key()` is code.
        re.compile(
            r"(?i)(" + _WORDS + _SIGN + r")(?:(\\?[\"'])(?!\[redacted)[^\s\"'\\]{8,}+(?=\\?[\"'])"
            r"|(?=" + _BARE[:-1] + r"0-9]{0,64}[0-9])" + _BARE + r"{7,}+(?![(\[]))"
        ),
        lambda match: f"{match[1]}{match[2] or ''}[redacted:secret]",
    ),
)

_SHORTEST = 7
"""No shape is shorter."""
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}?PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,60}-----")
_PEM_BODY = re.compile(r"(?:[A-Za-z0-9+/=\s]|\\[nr])*+")

SECRET_NAMES = re.compile(
    r"(?i)(?:.*[_-])?(?:api[_-]?key|apikey|secret|secret[_-]?key|access[_-]?key|client[_-]?secret|"
    r"(?:access|auth|refresh|bearer|session)[_-]?token|private[_-]?key|password|passwd|authorization|cookie|set-cookie)"
)
"""Names of fields whose text is a secret whatever it looks like."""


def redact_secrets(text: str) -> str:
    """`text` with every secret of a usual shape replaced by `[redacted:kind]`.

    Shapes: OpenAI, Anthropic, Google, GitHub, GitLab, Slack, AWS, Hugging Face, Stripe, Groq, xAI,
    Perplexity, npm, LangSmith and DigitalOcean keys, JWTs, bearer and
    authorization headers, PEM private keys, credentials in URLs, and values assigned to names such as `api_key`.
    """
    if len(text) < _SHORTEST:
        return text
    lower = text.lower()
    if "PRIVATE KEY" in text:
        text = _without_private_keys(text)
    for gates, triggers, pattern, replacement in SHAPES:
        if not (gates[0] in lower or gates[-1] in lower):
            continue
        for trigger in triggers:
            if trigger in lower:
                text = pattern.sub(replacement, text)
                break
    return text


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret, whatever its value looks like."""
    return len(name) <= 64 and SECRET_NAMES.fullmatch(name) is not None


def _without_private_keys(text: str) -> str:
    kept: list[str] = []
    at = 0
    while (begin := _PEM_BEGIN.search(text, at)) is not None:
        kept += (text[at : begin.start()], "[redacted:private_key]")
        end = _PEM_END.search(text, begin.end())
        if end is None:  # torn: take what looks like key, and stop searching for ends that are not there
            body = _PEM_BODY.match(text, begin.end())
            kept.append(_PEM_BEGIN.sub("[redacted:private_key]", text[body.end() if body else begin.end() :]))
            return "".join(kept)
        at = end.end()
    kept.append(text[at:])
    return "".join(kept)
