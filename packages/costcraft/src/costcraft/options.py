"""How a distillation is to go: everything one may choose, in one frozen value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from clawtrace_core import PriceBook
from costcraft.analysts import TURNS
from costcraft.counterfactual import Environment
from costcraft.gate import LEAST_TASKS
from costcraft.guard import TOKEN_CAP
from costcraft.models import CONCURRENCY, Standing
from costcraft.patch import Level


class Choices(TypedDict, total=False):
    """The keywords of `distill`; `Options` says what each means and what holds where it is not given."""

    strict: bool
    prices: PriceBook | None
    kinds: Sequence[str]
    admit: Level
    least_tasks: int
    cap: int
    model: object
    budget: Decimal | None
    max_calls: int | None
    concurrency: int
    turns: int
    watch: Callable[[Standing], None] | None
    environment: Environment | None
    costs: bool
    prune: bool
    gate: bool
    scopes: bool
    workers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The choices of one run."""

    strict: bool = False
    """The run fails when the guard refuses a rule."""
    prices: PriceBook | None = None
    """What tokens cost. None: public list prices."""
    kinds: Sequence[str] = ()
    """Only sessions of these kinds of task. None given: all."""
    admit: Level = "structural"
    """The weakest evidence at which a prune is merged."""
    least_tasks: int = LEAST_TASKS
    """Tasks that must vouch for a rule."""
    cap: int = TOKEN_CAP
    """Most tokens of the rules of one skill."""
    model: object = None
    """A chat model that is asked beside the rules: a name (`langchain:openai:gpt-5.4`), a chat model of LangChain, an
    LLM of LlamaIndex or CrewAI, or anything with `complete(messages)`. None: no model is asked."""
    budget: Decimal | None = None
    """USD that the model's replies may cost in all, those kept from an earlier run included. None: no limit."""
    max_calls: int | None = None
    """Most replies of the model, where its price is not known or not what matters. None: no limit."""
    concurrency: int = CONCURRENCY
    """Most calls of the model at once."""
    turns: int = TURNS
    """Most replies per session that failed."""
    watch: Callable[[Standing], None] | None = None
    """Called with how far it is, each time a session has been talked about."""
    environment: Environment | None = None
    """Where recorded calls run again without the steps a prune names. None: nothing is replayed."""
    costs: bool = True
    """False: analysts see neither dollars nor token counts. This and the next three are ablations: each stage's file
    says what it was made without."""
    prune: bool = True
    """False: no prune is proposed."""
    gate: bool = True
    """False: no prune is weighed, and what a model claims is admitted. `least_tasks` still holds."""
    scopes: bool = True
    """False: one scope instead of two. Every rule goes into the skill that is distilled, portable or not."""
    workers: int | None = 1
    """Processes that read the sessions. None: as many as cores where that pays. With more than 1 a calling script does
    its work under `if __name__ == "__main__":`."""
