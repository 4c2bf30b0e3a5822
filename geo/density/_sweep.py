"""The row sweep: kernel sums on a grid at a cost of rows in reach per point. Arrays only.

Along one grid row the kernel (1 − d²/h²)^m of a point is a polynomial of degree 2m in x between the cell where its disc
begins and the cell where it ends, and zero elsewhere. With u = (x − c)/H, p = (x_p − c)/h, v = (y_p − y_row)/h, g = H/h
and b = 1 − v² − p² it is (b + 2pgu − g²u²)^m; g = 1 where all points have one radius. Its coefficients are added to an
array of differences at the first cell and subtracted after the last; the running sums along the row are then the
coefficients of the sum of all kernels (the sweep-line method of Chan, U, Choi, Xu & Cheng, SIGMOD 2022, here with an
origin c for each slot of columns against cancellation).

One more running sum counts the discs over a cell: where there is none the result is exactly zero, and rounding errors
are forgotten.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from geo.density._layout import Floats, Layout, points_near, slot_middle

SLOT_RADII = (6.0, 4.0, 2.0, 2.0)
"""Width of a slot in radii, by power. In wider ones fewer cells are swept twice, but the polynomials' terms grow and
cancel, the more the higher their degree."""

BLOCK = 256
"""Points whose entry and exit cells are found together: that part vectorises, the scatter that follows does not."""

VECTOR = 8
"""Points that one vector instruction takes at most."""

PUT_ASIDE = 4
"""Blocks after which the sums are put aside: sums of short sums drift less than one long sum."""


def _mover(lanes: int) -> Any:
    """Return a function that adds a point's lanes at its first cell and subtracts them after its last.

    One wide addition in place of a loop: numba does not join scalar operations (its SLP vectoriser is off), and this
    scatter is where the time goes. The last lane is 1: it counts.
    """

    @intrinsic
    def move(_typing: Any, change: Any, enter: Any, leave: Any, part: Any, point: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            vector = ir.VectorType(ir.DoubleType(), lanes)

            def data(array: int) -> Any:
                return context.make_array(signature.args[array])(context, builder, args[array]).data

            moved = ir.Constant(vector, [ir.Constant(ir.DoubleType(), 1.0)] * lanes)
            for lane in range(lanes - 1):
                place = builder.add(args[4], ir.Constant(args[4].type, lane * BLOCK))
                number = builder.load(builder.gep(data(3), [place]))
                moved = builder.insert_element(moved, number, ir.Constant(ir.IntType(32), lane))
            for index, operation in ((1, builder.fadd), (2, builder.fsub)):
                cell = builder.bitcast(builder.gep(data(0), [args[index]]), vector.as_pointer())
                builder.store(operation(builder.load(cell, align=8), moved), cell, align=8)
            return context.get_dummy_value()

        return types.void(change, enter, leave, part, point), build

    return move


_move_2, _move_4, _move_6, _move_8 = map(_mover, (2, 4, 6, 8))


def make_sweep(power: int, varying: bool) -> Callable[..., None]:
    """Return the sweep for one kernel: its power is a constant there, so that loops over the terms unroll.

    ``varying`` says whether each point has a radius of its own.
    """
    terms = 2 * power + 1
    lanes = terms + 1  # the last one counts

    @njit(cache=True, nogil=True, error_model="numpy")
    def sweep(
        x: Floats,
        y: Floats,
        weights: Floats,
        radii: Floats,
        first: NDArray[np.int64],
        layout: Layout,
        radius: float,
        lowest: float,
        top: int,
        bottom: int,
        out: Floats,
    ) -> None:
        """Add the sums of the kernels to the rows from ``top`` to before ``bottom`` of ``out``.

        Points are as in `Placed`; ``radius`` is the largest, in cells. Values below ``lowest`` are raised to it.
        """
        cols = out.shape[1]
        scale = 1.0 / radius
        most = int(min(layout.width + 2.0 * np.ceil(radius) + 2.0, float(cols)))
        change, aside = np.zeros((most + 2) * lanes), np.zeros((most + 2) * lanes)
        enter, leave = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
        part, units = np.empty(BLOCK * terms), np.empty(most)
        for slot in range(layout.slots):
            middle = slot_middle(layout, slot)
            margin = 0.5 * layout.width + np.ceil(radius) + 1.0
            left, right = int(max(middle - margin, 0.0)), int(min(middle + margin, float(cols)))
            if right <= left:
                continue
            shift, width = middle - left, float(right - left)
            nowhere = width + 1.0  # where points out of reach of a row are thrown
            for col in range(right - left):
                units[col] = (col - shift) * scale
            for row in range(top, bottom):
                begin, end = points_near(first, layout, slot, row, radius)
                if begin == end:
                    continue
                blocks = 0
                for block in range(begin, end, BLOCK):
                    size = min(BLOCK, end - block)
                    # Rounded up to whole vectors: what lies behind the block is computed too, and left there.
                    full = min((size + VECTOR - 1) // VECTOR * VECTOR, x.size - block)
                    # Slices, not x[block + i]: numba would look at each index for being negative, and gather.
                    here = slice(block, block + full)
                    east, south, weight, own = x[here], y[here], weights[here], radii[here]
                    for i in range(full):
                        h = own[i] if varying else radius
                        inverse = 1.0 / h if varying else scale
                        v = (south[i] - row) * inverse
                        rest = 1.0 - v * v
                        half = h * np.sqrt(max(rest, 0.0))
                        away = east[i]
                        # The rim itself is outside, as it is above and below.
                        a = min(max(np.floor(away + shift - half) + 1.0, 0.0), width)
                        z = min(max(np.ceil(away + shift + half), 0.0), width)
                        out_of_reach = not (rest > 0.0 and a < z)
                        enter[i] = np.int32(nowhere if out_of_reach else a)
                        leave[i] = np.int32(nowhere if out_of_reach else z)
                        p = away * inverse
                        g = radius * inverse if varying else 1.0
                        b, q, s, w = rest - p * p, 2.0 * p * g, g * g, weight[i]
                        if power == 0:
                            part[i] = w
                        elif power == 1:
                            part[i], part[BLOCK + i], part[2 * BLOCK + i] = w * b, w * q, -w * s
                        elif power == 2:
                            part[i], part[BLOCK + i] = w * b * b, 2.0 * w * b * q
                            part[2 * BLOCK + i], part[3 * BLOCK + i] = w * (q * q - 2.0 * b * s), -2.0 * w * q * s
                            part[4 * BLOCK + i] = w * s * s
                        else:
                            part[i], part[BLOCK + i] = w * b * b * b, 3.0 * w * b * b * q
                            part[2 * BLOCK + i] = 3.0 * w * b * (q * q - b * s)
                            part[3 * BLOCK + i] = w * q * (q * q - 6.0 * b * s)
                            part[4 * BLOCK + i] = 3.0 * w * s * (b * s - q * q)
                            part[5 * BLOCK + i], part[6 * BLOCK + i] = 3.0 * w * q * s * s, -w * s * s * s
                    for i in range(size):
                        # Unsigned, so that no index is looked at for being negative.
                        a_at = np.uint64(enter[i]) * np.uint64(lanes)
                        z_at = np.uint64(leave[i]) * np.uint64(lanes)
                        if power == 0:
                            _move_2(change, a_at, z_at, part, np.uint64(i))
                        elif power == 1:
                            _move_4(change, a_at, z_at, part, np.uint64(i))
                        elif power == 2:
                            _move_6(change, a_at, z_at, part, np.uint64(i))
                        else:
                            _move_8(change, a_at, z_at, part, np.uint64(i))
                    blocks += 1
                    if blocks % PUT_ASIDE == 0:
                        for k in range(change.size):
                            aside[k] += change[k]
                            change[k] = 0.0
                if blocks >= PUT_ASIDE:
                    for k in range(change.size):
                        change[k] += aside[k]
                        aside[k] = 0.0
                # One name for each running sum keeps them in registers.
                c0 = c1 = c2 = c3 = c4 = c5 = c6 = discs = 0.0
                line = out[row, left:right]
                for col in range(line.size):
                    k = col * lanes
                    c0 += change[k]
                    if power >= 1:
                        c1 += change[k + 1]
                        c2 += change[k + 2]
                    if power >= 2:
                        c3 += change[k + 3]
                        c4 += change[k + 4]
                    if power >= 3:
                        c5 += change[k + 5]
                        c6 += change[k + 6]
                    discs += change[k + terms]
                    if discs == 0.0:
                        c0 = c1 = c2 = c3 = c4 = c5 = c6 = 0.0
                        continue
                    u = units[col]
                    value = c0
                    if power == 1:
                        value += u * (c1 + u * c2)
                    elif power == 2:
                        value += u * (c1 + u * (c2 + u * (c3 + u * c4)))
                    elif power == 3:
                        value += u * (c1 + u * (c2 + u * (c3 + u * (c4 + u * (c5 + u * c6)))))
                    line[col] += max(value, lowest)
                change[:] = 0.0

    return sweep


SWEEPS = {(power, varying): make_sweep(power, varying) for power in range(4) for varying in (False, True)}
"""The sweeps of the kernels (1 − d²/h²)^m, by m (uniform, Epanechnikov, quartic, triweight), one radius or many."""
