"""Prints a plan as text: tests hold golden plans against it, and `docs/architecture.md` shows one."""

from gateway.plan_values import Needs, Plan, PlanLeaf, PlanSelection


def print_plan(plan: Plan) -> str:
    """A selection a line, steps marked by `>` with what they fetch, children indented."""
    lines = [plan.operation]
    _selection(plan.root, 1, lines)
    return "\n".join(lines)


def _selection(selection: PlanSelection, depth: int, lines: list[str]) -> None:
    pad = "  " * depth
    leaves = [_leaf(e) for e in selection.entries if isinstance(e, PlanLeaf)]
    if leaves:
        lines.append(f"{pad}{selection.type_name}: {' '.join(leaves)}")
    for step in selection.steps:
        about = " ".join(filter(None, (step.source.name, step.source.kind)))
        needed = [(name, _needs(each)) for name, needs in step.needs for name, each in ((name, needs), *needs.kinds)]
        fetching = "".join(f" [{name}: {text}]" for name, text in needed if text)
        lines.append(f"{pad}> {step.key} = {about}{fetching}")
        for below in step.selections:
            _selection(below, depth + 1, lines)


def _leaf(leaf: PlanLeaf) -> str:
    return leaf.key + (f"{{{' '.join(_leaf(b) for b in leaf.below)}}}" if leaf.below else "")


def _needs(needs: Needs) -> str:
    parts = ((part, " ".join(f.name for f in found)) for part, found in (("joint", needs.joint), ("side", needs.side)))
    flags = [flag for flag in ("total", "updated", "stamps", "custom") if getattr(needs, flag)]
    return "; ".join([f"{part} {names}" for part, names in parts if names] + flags)
