"""What instructions may do: which of them can't fail, and which need the thread that began."""

from __future__ import annotations

from cornu.backends.native.plan import Instruction, Plan

__all__ = ["is_safe", "is_shared", "needs_caller"]

_SAFE = frozenset(
    (
        *("block", "gemm", "conv", "conv_grad_input", "conv_grad_kernel"),
        *("copy", "full", "iota", "concatenate", "pad", "dynamic_slice", "dynamic_update_slice"),
        *("max_pool", "pool_sum", "pool_sum_grad", "reduce", "reduce_place", "cumulative"),
        *("sort", "top_k", "searchsorted"),
    )
)
_NESTING = frozenset(("scan", "map", "cond"))


def is_safe(ins: Instruction) -> bool:
    """Say whether an instruction can't fail on any data: what it writes may be state itself."""
    if ins.opcode in _NESTING:
        return all(is_safe(inner) for body in ins.nested for inner in body.instructions)
    # Positions that a `max_pool` of the same plan made need no check.
    return ins.opcode in _SAFE or (ins.opcode == "pool_scatter" and bool(ins.attributes))


def needs_caller(plan: Plan) -> bool:
    """Say whether only the thread that called may run a plan.

    It calls Python, or it has a loop that may never end and asks from time to time whether it
    shall go on.
    """
    return any(
        ins.opcode in ("python", "while") or any(map(needs_caller, ins.nested))
        for ins in plan.instructions
    )


def is_shared(ins: Instruction) -> bool:
    """Say whether threads can share an instruction's steps, or it is no loop over such."""
    return ins.opcode != "scan" or ins.attributes[0] > 0
