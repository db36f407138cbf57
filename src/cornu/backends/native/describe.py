"""A plan as text, for people."""

from __future__ import annotations

from cornu.backends.native.plan import ARENA, CONSTANT, Operand, Plan

__all__ = ["describe"]


def describe(plan: Plan, indent: str = "") -> str:
    """Return one line for each instruction: number, kernel, operands, layer.

    Operands read `dtype[shape]@place`: `x3` is the call's fourth array, `c1` a constant, a number
    an offset in the arena in bytes.
    """
    lines = [f"{indent}{len(plan.instructions)} instructions, arena of {plan.arena_bytes:,} bytes"]
    for i, ins in enumerate(plan.instructions):
        outs = ", ".join(map(_operand, ins.outputs))
        ins_ = ", ".join(map(_operand, ins.inputs))
        what = f" ({ins.what})" if ins.what and ins.what != ins.opcode else ""
        late = " late" if ins.late else ""
        where = f"    # {ins.layer}" if ins.layer else ""
        lines.append(f"{indent}{i:3} {outs} = {ins.opcode}{what}({ins_}){late}{where}")
        lines += [describe(body, indent + "      ") for body in ins.nested]
    return "\n".join(lines)


def _operand(x: Operand) -> str:
    b = x.buffer
    place = f"{b.place}" if b.kind == ARENA else f"{'c' if b.kind == CONSTANT else 'x'}{b.place}"
    moved = f"+{x.offset}" if x.offset else ""
    strides = "" if x.contiguous else f":{list(x.strides)}"
    return f"{x.dtype}{list(x.shape)}{strides}@{place}{moved}"
