"""Reading sheets: one step with everything a reader needs to judge it, and nothing of what any flag said."""

import re
from collections import Counter

from clawtrace_core.card.flags.finding import Scene
from clawtrace_core.card.steps import label
from clawtrace_core.card.weigh import plain, tool_calls
from clawtrace_core.model.session import Span
from tests.golden.labels.units import Unit

NEAR, LINES = 7, 28
"""Steps around the judged one that are shown at length; lines of the timeline."""
_TOKEN = re.compile(r"[\w][\w.:/@$€%-]*[\w]|\d")


def sheet(unit: Unit, scene: Scene) -> str:
    """The sheet of one step."""
    return "\n".join(Sheet(unit, scene).lines())


class Sheet:
    """One step and the session around it."""

    def __init__(self, unit: Unit, scene: Scene) -> None:
        self._scene, self._unit = scene, unit
        self._steps = [scene.spans[span] for span in scene.ledger.places]
        self._step = next(span for span in self._steps if scene.n(span.id) == unit.step)
        self._calls = {call.span: call for call in scene.ledger.calls}
        self._heard = self._new_messages()

    def lines(self) -> list[str]:
        found = [
            f"## {self._unit.id}",
            *self._head(),
            "",
            "Timeline (>> is the step to judge; LLM [tokens in/of them cached/out]):",
            *self._timeline(),
            "",
        ]
        n = self._unit.step
        found.append(f"STEP TO JUDGE: {n}, {self._step.kind} `{label(self._step, self._scene.contents)}`")
        found += self._llm() if self._step.kind == "llm" else self._call()
        return [*found, ""]

    def _head(self) -> list[str]:
        scene = self._scene
        tools = {span.name: scene.told_effect(span) for span in scene.tools}
        named = ", ".join(f"{name} ({effect or 'effect not told'})" for name, effect in tools.items())
        first = next(iter(scene.llms), None)
        prompt = scene.prompt(first) if first is not None else []
        system = [scene.text(one) for one in prompt if _role(scene, one) in {"system", "developer"}]
        ended = scene.tree.ended
        return [
            f"Tools called: {named}",
            f"System prompt: {_clip(' '.join(system), 170)}",
            f"Steps: {len(self._steps)}; session ended: {ended.status if ended else 'no'}",
        ]

    def _new_messages(self) -> dict[int, list[str]]:
        """What an LLM call read for the first time that is neither the model's own nor a tool's, and not the
        system prompt."""
        found: dict[int, list[str]] = {}
        seen: dict[int | None, Counter[str]] = {}
        for call in self._scene.llms:
            known = seen.setdefault(self._scene.ledger.places[call.id].agent, Counter())
            prompt = self._scene.prompt(call)
            texts = Counter(self._scene.text(one) for one in prompt if _role(self._scene, one) == "user")
            for text, times in texts.items():
                if times > known[text]:
                    found.setdefault(call.id, []).append(text)
                    known[text] = times
        return found

    def _timeline(self) -> list[str]:
        at = self._unit.step - 1
        low = max(0, min(at - LINES // 2, len(self._steps) - LINES))
        shown = [(n, span) for n, span in enumerate(self._steps) if n < 3 or low <= n < low + LINES]
        found: list[str] = []
        last = -1
        for n, span in shown:
            if n != last + 1:
                found.append(f"   ... {n - last - 1} steps left out ...")
            last = n
            far = abs(n - at) > NEAR
            for text in self._heard.get(span.id, ()):
                found.append(f"   USER SAYS: {_clip(text, 120 if far and n else 600)}")
            found.append(f"{'>>' if n == at else '  '} {self._line(n + 1, span, far)}")
        left = len(self._steps) - 1 - last
        if left:
            found.append(f"   ... {left} steps left out; the last says: {_clip(self._result(self._steps[-1]), 300)}")
        return found

    def _line(self, n: int, span: Span, far: bool) -> str:
        scene = self._scene
        inner = "    | " if scene.ledger.places[span.id].agent is not None else ""
        said = _clip(self._result(span), 60 if far else 190)
        if span.kind == "llm":
            asks = f" asks {label(span, scene.contents)}" if self._asks(span) else ""
            return f"{inner}{n} LLM {self._usage(span)}{'' if asks and far else f'{asks}: {said}'}"
        arguments = _clip(_shown(scene.arguments(span)), 80 if far else 170)
        failed = " FAILED" if span.kind == "tool" and scene.failed(span) else ""
        return f"{inner}{n} {span.kind} {span.name}({arguments}){failed} -> {said}"

    def _usage(self, span: Span) -> str:
        call = self._calls.get(span.id)
        usage = call.usage if call is not None else None
        if usage is None:
            return "[tokens not known]"
        return f"[{usage.input}/{'?' if usage.estimated else usage.cache_read}/{usage.output}]"

    def _asks(self, span: Span) -> bool:
        return any(tool_calls(content) for content in self._scene.outputs(span))

    def _result(self, span: Span) -> str:
        texts = [self._scene.text(one) for one in span.output]
        if span.kind == "llm":
            bodies = [content.body for content in self._scene.outputs(span)]
            texts = [str(body.get("text") or "") if isinstance(body, dict) else "" for body in bodies]
        failure = span.failure
        if failure is not None and failure.message not in texts:
            texts.append(f"{failure.type}: {failure.message}")
        return "\n".join(texts)

    def _call(self) -> list[str]:
        """A tool call or a sub-agent: what it asked and got, who had what before it, and what came of it."""
        scene, step = self._scene, self._step
        result = self._result(step)
        tokens = int(scene.ledger.book.scales.total(step.output) * self._scale())
        found = [f"arguments: {_clip(_shown(scene.arguments(step)), 700)}"]
        found.append(f"result (about {tokens} tokens): {_clip(result, 1000)}")
        found += self._like()
        spawn = (scene.spawn_of(step) or step) if step.kind == "agent" else step
        given = {_digest(scene, one) for one in spawn.output}
        readers = [
            scene.n(call.id)
            for call in scene.llms
            if scene.n(call.id) > self._unit.step
            and not given.isdisjoint(_digest(scene, one) for one in scene.prompt(call))
        ]
        told = f"{len(readers)} LLM calls, steps {readers[0]} to {readers[-1]}" if readers else "no LLM call"
        found.append(f"its result stood in the prompt of: {told}")
        usages = [call.usage for call in self._calls.values() if call.usage is not None]
        read, cached = sum(one.input or 0 for one in usages), sum(one.cache_read for one in usages)
        found.append(f"all {len(usages)} LLM calls of the session together read {read} tokens, {cached} of them cached")
        found.append(self._uses(result))
        return found

    def _scale(self) -> float:
        """Tokens as the session's calls tell them, per token as it is counted here."""
        book = self._scene.ledger.book
        told = [
            (one.usage.input, one.ahead + book.prompts.upto[one.prompt]) for one in self._calls.values() if one.usage
        ]
        return sum(read or 0 for read, _ in told) / max(1, sum(counted for _, counted in told))

    def _like(self) -> list[str]:
        """Other calls of the same tool, and whether their results still stood before whoever asked for this one."""
        scene, step = self._scene, self._step
        asking = scene.call_before(step)
        had = {_digest(scene, one) for one in scene.prompt(asking)} if asking is not None else set()
        told = []
        for other in self._steps:
            if other.kind != step.kind or other.name != step.name or other.id == step.id:
                continue
            earlier = scene.n(other.id) < self._unit.step
            same = (
                "same arguments"
                if other.input.add == step.input.add
                else f"({_clip(_shown(scene.arguments(other)), 90)})"
            )
            result = "same result" if scene.result_key(other) == scene.result_key(step) else "other result"
            stood = any(_digest(scene, one) in had for one in other.output)
            before = (", still in the prompt" if stood else ", NOT in the prompt any more") if earlier else ""
            told.append(f"step {scene.n(other.id)}: {same}, {result}{before}")
        if not told:
            return [f"no other call of {step.name}"]
        at = sum(other.kind == step.kind and other.name == step.name for other in self._steps[: self._unit.step - 1])
        near = [f"  {line}" for line in told[max(0, at - 6) : at + 2]]
        return [f"other calls of {step.name} ({len(told)}, nearest shown), and what the asking call still saw:", *near]

    def _uses(self, result: str) -> str:
        """What was first seen in the result and is said again later, by whom."""
        scene, at = self._scene, self._unit.step
        before, after, inside = set[str](), list[tuple[int, set[str]]](), self._inside()
        for span in self._steps:
            n = scene.n(span.id)
            if span.id in inside:
                continue
            heard = [_TOKEN.findall(text.lower()) for text in self._heard.get(span.id, ())]
            own = _shown(scene.arguments(span)) if span.kind != "llm" else ""
            said = set(_TOKEN.findall(f"{own} {self._said(span) if span.kind == 'llm' else ''}".lower()))
            if n < at:
                before |= said.union(*heard) | set(_TOKEN.findall(self._result(span).lower()))
            elif n > at:
                after.append((n, said))
        new = [token for token in dict.fromkeys(_TOKEN.findall(result.lower())) if token not in before]
        back = [(token, [n for n, said in after if token in said]) for token in new]
        used = [f"{token} (step {', '.join(map(str, ns[:3]))})" for token, ns in back if ns]
        last = max((ns[-1] for _, ns in back if ns), default=None)
        tail = f"; last at step {last}" if last is not None else ""
        shown = "; ".join(used[:14]) or "none"
        return f"words and figures first seen in its result: {len(new)}; said again later: {len(used)}{tail}: {shown}"

    def _inside(self) -> set[int]:
        """A sub-agent and all it did, with the call it ran in, where that is the judged step: it is one answer."""
        scene, found = self._scene, {self._step.id}
        if self._step.kind == "agent" and (spawn := scene.spawn_of(self._step)) is not None:
            found.add(spawn.id)
        for span in self._steps:
            around = span.parent
            while around is not None and around not in found:
                around = scene.spans[around].parent
            if around is not None:
                found.add(span.id)
        return found

    def _said(self, span: Span) -> str:
        return "\n".join(self._scene.text(one) for one in span.output)

    def _llm(self) -> list[str]:
        """An LLM call: what it said, and its prompt beside that of the agent's call before."""
        scene, step = self._scene, self._step
        agents = {call.id: scene.ledger.places[call.id].agent for call in scene.llms}
        calls = [call for call in scene.llms if agents[call.id] == agents[step.id]]
        at = next(n for n, call in enumerate(calls) if call.id == step.id)
        found = [f"said: {_clip(self._said(step), 900) or '(nothing)'}", f"tokens: {self._usage(step)}"]
        if at + 1 < len(calls):
            after = calls[at + 1]
            new = scene.prompt(after)[len(scene.prompt(step)) :]
            told = "; ".join(f"{_role(scene, one)}: {_clip(scene.text(one), 120)}" for one in new[:4])
            found.append(
                f"the same agent's next call is step {scene.n(after.id)}; behind this call's prompt it has: {told}"
            )
        else:
            found.append("it is its agent's last call")
        if at:
            found += self._beside(calls[at - 1])
        return found

    def _beside(self, before: Span) -> list[str]:
        scene, step = self._scene, self._step
        was, now = scene.prompt(before), scene.prompt(step)
        same = next((n for n, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
        tools = [span.request.tools if span.request is not None else None for span in (before, step)]
        weigh = scene.ledger.book.scales.weigh
        offered = "the same" if tools[0] == tools[1] else "NOT the same (or in another order)"
        told = f"prompt beside that of step {scene.n(before.id)} {self._usage(before)}: {len(was)} messages then, "
        told += f"{len(now)} now; the first {same} are equal (about {sum(map(weigh, now[:same]))} tokens); "
        found = [f"{told}the tools offered are {offered}"]
        if same < len(was):
            a, b = scene.text(was[same]), scene.text(now[same]) if same < len(now) else "(nothing)"
            behind = [one for one in now[same + 1 :] if one in set(was)]
            found.append(f"  at place {same + 1} ({_role(scene, was[same])}) it was: {_differing(a, b)}")
            found.append(f"  and is now: {_differing(b, a)}")
            found.append(f"  behind it, unchanged: {len(behind)} messages, about {sum(map(weigh, behind))} tokens")
        return found


def _role(scene: Scene, content: str) -> str:
    known = scene.contents.get(content)
    return known.role if known is not None else "lost"


def _digest(scene: Scene, content: str) -> str:
    known = scene.contents.get(content)
    return known.digest or content if known is not None else content


def _shown(arguments: object) -> str:
    if isinstance(arguments, dict):
        return ", ".join(f"{key}={plain(value)}" for key, value in arguments.items())
    return plain(arguments)


def _differing(text: str, other: str) -> str:
    """A text from a little before where it differs from another."""
    at = next((n for n, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    return f"{'... ' if at > 40 else ''}{_clip(text[max(0, at - 40) :], 160)}"


def _clip(text: str, length: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else f"{flat[: length - 8]} [+{len(flat) - length + 8}]"
