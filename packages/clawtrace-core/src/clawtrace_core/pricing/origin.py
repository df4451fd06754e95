"""Who a call went to: which model names it bears, and which sellers to ask for a price, in order."""

from collections.abc import Iterator
from typing import NamedTuple

from clawtrace_core.model.event import Request, Response
from clawtrace_core.model.usage import Usage
from clawtrace_core.pricing.catalogue import Listing, listed, provider_at, provider_named

LOCAL = frozenset({"ollama", "llamacpp", "llama.cpp", "llama_cpp", "llamafile", "lmstudio", "lm_studio", "vllm"})
"""Programs that run a model on a machine of one's own: no provider bills such a call."""
_EVERYBODYS = frozenset({"openai"})
"""Providers whose client is pointed at everybody's endpoints: as a hint they tell the client, not the seller."""
_SPELLED_LOCAL = {"lm-studio": "lmstudio", "llama-cpp": "llamacpp", "ollama_chat": "ollama", "hosted_vllm": "vllm"}
_STANDARD = frozenset({"", "auto", "default", "standard", "standard_only", "on_demand"})
# Ids that only one seller uses, where the price list does not tell by itself. Bedrock's name the maker inside
# (`us.anthropic.claude-...`).
_SELLERS = (
    *((start, "aws") for start in ("anthropic.", "us.", "eu.", "apac.", "global.", "amazon.", "meta.", "mistral.")),
    *((start, "aws") for start in ("cohere.", "arn:aws:bedrock:")),
    ("text-embedding-3-", "openai"),
    ("text-embedding-ada-", "openai"),
    ("models/", "google"),
    ("voyage-", "voyageai"),
)


class Origin(NamedTuple):
    """What a call tells of where its price is to be found. Hashable: prices are kept by it."""

    models: tuple[str, ...]
    """The model that answered, then the one asked for."""
    explicit: str | None = None
    """The provider the response names."""
    host: str | None = None
    hint: str | None = None
    """The provider the framework names: right for its own class of client, not always for the endpoint."""
    tier: str | None = None

    @property
    def provider(self) -> str | None:
        """The provider to name where none was found."""
        return self.explicit or self.hint or self.host

    def names(self) -> set[str]:
        """Every spelling of the models an override may use, in lower case."""
        names = {model.lower() for model in self.models}
        return names | {name.rsplit("/", 1)[-1] for name in names}

    def providers(self) -> set[str]:
        """Every spelling of the provider an override may use, in lower case."""
        told = {name.lower() for name in (self.explicit, self.hint, *map(prefix_of, self.models)) if name}
        known = {provider_named(name) for name in told} | {provider_at(self.host) if self.host else None}
        return told | {name for name in known if name}

    def local(self) -> str | None:
        """The local runner that answered, if one did. A loopback host alone proves nothing: it may be a proxy."""
        hosted = (self.host or "").endswith("ollama.com") or any(model.endswith("-cloud") for model in self.models)
        for name in (self.explicit, self.hint, *map(prefix_of, self.models)):
            runner = _SPELLED_LOCAL.get((name or "").lower(), (name or "").lower())
            if runner in LOCAL and not hosted:
                return runner
        return None


def origin_of(request: Request | None, response: Response | None, usage: Usage | None) -> Origin:
    """Gather what request, response and usage tell."""
    asked, answered = request or Request(), response or Response()
    models = dict.fromkeys(model for model in (answered.model, asked.model) if model)
    told_tier = usage.extra.get("tier") if usage is not None else None
    tier = str(answered.tier or told_tier or asked.tier or "").lower()
    return Origin(
        models=tuple(models),
        explicit=answered.provider,
        host=asked.host,
        hint=asked.provider,
        tier=None if tier in _STANDARD else tier,
    )


def prefix_of(model: str) -> str | None:
    """What stands before the first slash of an id such as `bedrock/...`."""
    prefix, slash, _ = model.partition("/")
    return prefix if slash and prefix else None


def find_listing(origin: Origin) -> Listing | None:
    """The first price that fits: by explicit provider, host, the framework's hint, id prefix, bare id.

    A provider that is known for sure (told by the response, or by its host) but does not sell the model ends the
    search: another seller's price for the same name would be a guess. So does a hint that names a seller.
    """
    for model in origin.models:
        for name, provider in _attempts(origin, model):
            found = listed(name, provider)
            if found is not None:
                return found
    return None


def _attempts(origin: Origin, model: str) -> Iterator[tuple[str, str | None]]:
    hint, prefix = _named(origin.hint), _named(prefix_of(model))
    sure = [provider_at(origin.host)] if origin.host else []
    if _named(origin.explicit) != hint:
        # What only repeats the framework's hint (langchain's `model_provider` does) is no better than the hint.
        sure.insert(0, _named(origin.explicit))
    known = [provider for provider in sure if provider]
    for provider in known or ([hint] if hint else []):
        yield model, provider
        if prefix == provider:
            yield model.partition("/")[2], provider
    if known:
        return
    if prefix:
        yield model, "litellm"
    for start, seller in _SELLERS:
        if model.lower().startswith(start):
            yield model, seller
    if hint is None or hint in _EVERYBODYS:
        yield model, None


def _named(name: str | None) -> str | None:
    return provider_named(name) if name else None
