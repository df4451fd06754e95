"""Secrets are taken out, words are left in, and no text makes it slow."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.capture.redact import is_secret_name, redact_secrets
from clawtrace_core.capture.scrub import REDACTION_FAILED, Scrub
from clawtrace_core.capture.settings import Settings

# Written in two parts, so that no scanner takes this file for a leak.
SECRETS = {
    "openai": ("sk-" + "proj-Ab3dEf6hIjKlMnOpQrStUvWx", "api_key"),
    "openai old": ("sk-" + "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL", "api_key"),
    "openrouter": ("sk-" + "or-v1-0123456789abcdef0123456789abcdef", "api_key"),
    "anthropic": ("sk-ant-" + "api03-AbCdEf_0123456789-xyzAA", "anthropic_key"),
    "google": ("AIza" + "SyA1234567890abcdefghijklmnopqrstuv", "google_key"),
    "github": ("ghp_" + "0123456789abcdefghijABCDEFGHIJ012345", "github_token"),
    "github fine": ("github_pat_" + "11ABCDEFG0123456789_abcdefghij", "github_token"),
    "gitlab": ("glpat-" + "AbCdEf0123456789_xyz", "gitlab_token"),
    "slack": ("xoxb-" + "1234567890-abcdefghij", "slack_token"),
    "aws": ("AKIA" + "IOSFODNN7EXAMPLE", "aws_key"),
    "hugging face": ("hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz01234567", "hf_token"),
    "stripe": ("sk_live_" + "0123456789abcdefABCDEF", "stripe_key"),
    "jwt": ("eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n", "jwt"),
}
ASSIGNED = {
    "api_key=9f8e7d6c5b4a3210": "9f8e7d6c5b4a3210",
    'api_key = "abcdefgh-ijkl"': "abcdefgh-ijkl",
    '{"api_key": "abcdefghijkl"}': "abcdefghijkl",
    '{\\"api_key\\": \\"abcdefghijkl\\"}': "abcdefghijkl",
    "OPENAI_API_KEY=9f8e7d6c5b4a3210": "9f8e7d6c5b4a3210",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": "wJalrXUtnFEMI",
    "password: hunter22": "hunter22",
    "client_secret='s3cr3t-value-here'": "s3cr3t-value-here",
    "Authorization: Bearer abc123def456ghi789": "abc123def456",
    "Authorization: Basic dXNlcjpwYXNz": "dXNlcjpwYXNz",
    '"authorization": "Token 0123456789abcdef"': "0123456789abcdef",
    "curl -H 'authorization: bearer 0123456789abcdef'": "0123456789abcdef",
    "sent with bearer 0123456789abcdefXYZ": "0123456789abcdefXYZ",
    "postgres://admin:pa55w0rd@db.example/prod": "pa55w0rd",
    "redis://:pa55w0rd@cache": "pa55w0rd",
}
WORDS = [
    "Use the sk-learn-based pipeline for the task-oriented model.",
    "risk-adjusted returns and desk-research-and-analysis-of-markets",
    "The bearer of this letter is authorised; bearer authentication is described in RFC 6750.",
    "api_key = os.environ['OPENAI_API_KEY']",
    "api_key = load_key_from_vault(name)",
    "def call(password: str, token: str) -> None: ...",
    "password: required",
    "max_tokens: 4096, prompt_tokens=1200, total_tokens: 5296",
    "http://localhost:8080/a/b?c=d",
    "mail me at someone@example.org: at 10:30",
    "https://example.org/@user/post:1",
    "hf_hub_download(repo_id='a/b', filename='model.bin')",
    "eyJ is how a JWT begins.",
    "AKIA is a prefix; ASIA is a continent.",
    "The private key of the table is the primary key: id.",
    "Authorization: required for all users",
    "=SUM(B2:B13) and =VLOOKUP(A2, Sheet2!A:B, 2, FALSE)",
    "commit 0123456789abcdef0123456789abcdef01234567",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "call_0123456789abcdefghijklmn and toolu_01A09q90qw90lq917835lq9",
    "résumé, naïve, 北京, 🙂",
]
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0123\nabcd+/==\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("frame", ["{}", "key: {} and more", 'x="{}"', "({})", "https://h/?k={}&b=1", "a\n{}\nb"])
def test_a_secret_of_a_usual_shape_is_replaced_by_its_kind(name: str, frame: str) -> None:
    secret, kind = SECRETS[name]

    redacted = redact_secrets(frame.format(secret))

    assert secret not in redacted
    assert f"[redacted:{kind}]" in redacted or "[redacted:secret]" in redacted


@pytest.mark.parametrize("text", ASSIGNED)
def test_an_assigned_secret_is_replaced_and_its_name_stays(text: str) -> None:
    redacted = redact_secrets(text)

    assert ASSIGNED[text] not in redacted
    assert "[redacted:" in redacted
    assert redacted[:4] == text[:4]


@pytest.mark.parametrize("text", WORDS)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert redact_secrets(text) == text


def test_a_private_key_is_replaced_and_the_text_around_it_stays() -> None:
    assert redact_secrets(f"before\n{PEM}\nafter") == "before\n[redacted:private_key]\nafter"
    assert redact_secrets(json.dumps({"k": PEM})) == '{"k": "[redacted:private_key]"}'


def test_a_private_key_that_is_cut_off_is_replaced_too() -> None:
    redacted = redact_secrets("x " + PEM[:60])

    assert redacted == "x [redacted:private_key]"


@given(st.text() | st.sampled_from([secret for secret, _ in SECRETS.values()]))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact_secrets(text)
    assert redact_secrets(once) == once


HOSTILE = [
    "sk-",
    "sk-a",
    "sk-ant-",
    "AIza",
    "ghp_",
    "github_pat_",
    "xoxb-",
    "AKIA",
    "hf_",
    "eyJ",
    "eyJaaaaaaaaa.",
    "eyJaaaaaaaaa",
    "://",
    "://a:",
    "://a",
    "authorization",
    "authorization:",
    "authorization: ",
    "authorization: basic ",
    "bearer ",
    "bearer a",
    "api_key",
    "api_key=",
    "api_key=a",
    "api_key='",
    "password:",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    "-----END ",
    "-----BEGIN RSA",
    " ",
    "a",
    "-",
    "\\",
    '"',
    "a1",
    ".",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_hostile_text_is_redacted_in_linear_time(piece: str) -> None:
    # Nothing is timed: a pattern that backtracks would not come back within the test's limit.
    size = 1 << 20
    redact_secrets((piece * (size // len(piece) + 1))[:size])
    redact_secrets(piece + "a" * size)
    redact_secrets(piece + " " * size)


@pytest.mark.parametrize("name", ["api_key", "API-KEY", "x-api-key", "Authorization", "openai_api_key", "password"])
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["text", "tokens", "max_tokens", "key", "author", "secretary", "path"])
def test_other_names_are_not(name: str) -> None:
    assert not is_secret_name(name)


def test_a_value_is_redacted_at_every_depth_and_by_the_name_of_its_field() -> None:
    secret = SECRETS["openai"][0]
    value = {"a": [{"b": (f"x {secret}", 1, None, True)}], "headers": {"x-api-key": "plain words"}, secret: "v"}

    found = Scrub(Settings()).value(value)

    assert found == {
        "a": [{"b": ["x [redacted:api_key]", 1, None, True]}],
        "headers": {"x-api-key": "[redacted:secret]"},
        "[redacted:api_key]": "v",
    }


def test_redaction_switched_off_keeps_every_text() -> None:
    value = {"api_key": SECRETS["openai"][0]}
    assert Scrub(Settings(redact=None)).value(value) == value


def broken(text: str) -> str:
    raise RuntimeError(text)


def not_a_text(text: str) -> str:
    return None  # type: ignore[return-value]


@pytest.mark.parametrize("redact", [broken, not_a_text])
def test_a_text_that_cannot_be_redacted_is_not_kept(redact: object) -> None:
    scrub = Scrub(Settings(redact=redact))  # type: ignore[arg-type]

    assert scrub.value({"text": "secret of mine"}) != {"text": "secret of mine"}
    assert scrub.text("another") == REDACTION_FAILED
    assert scrub.failures >= 2


def test_what_json_cannot_hold_is_made_plain() -> None:
    cycle: list[object] = [1]
    cycle.append(cycle)

    found = Scrub(Settings()).value(
        {"big": 1 << 70, "nan": float("nan"), "odd": "a\ud800b", "bytes": b"abc", "set": {2, 1}, 3: cycle}
    )

    assert found == {
        "big": str(1 << 70),
        "nan": "nan",
        "odd": "a\N{REPLACEMENT CHARACTER}b",
        "bytes": "[3 bytes]",
        "set": [1, 2],
        "3": [1, "[nested too deep]"],
    }
