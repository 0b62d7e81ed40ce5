"""Prompts for measuring: random words, so that no two share a cached prefix beyond the template."""

from __future__ import annotations

import random

WORDS = tuple("river stone cloud night paper green quick lamp garden winter bread song".split())  # noqa: SIM905


def words(count: int, seed: object) -> str:
    """``count`` random English words, the same for the same ``seed``; about a token each."""
    rng = random.Random(str(seed))
    return " ".join(rng.choice(WORDS) for _ in range(count))


_REPORT = """
The old harbour of the island had been closed for eleven years when the council decided to open it
again. Nobody could say who had first spoken of it, but by the end of the winter everybody spoke of
nothing else. The fishermen wanted a place where their boats would be safe from the north wind. The
owners of the two small hotels hoped for guests who came by water. The teacher, who had grown up
beside the lighthouse, said that a harbour without ships was like a house without a door.

The first task was to find out what was left. An engineer from the mainland came with a diver and a
boat full of instruments. For nine days they measured the depth of the basin, looked at every stone
of the eastern wall and took samples of the mud. The report that they sent in April was forty pages
long. The wall was sound, it said, except for a gap of twelve metres that the storm had opened. The
basin had filled with sand to half of its depth. The iron rings to which boats are tied had rusted
through, all but three of them, and the wooden stairs could no longer be trusted.

The council met in the school, because the town hall was too small for all who wanted to listen. The
mayor read the most important pages aloud and then told the people what the work would cost. There
was a long silence. It was more than the island earned in two good years. A farmer asked whether the
sand could be sold, and some people laughed, but the engineer nodded and said that it could. Clean
sand was wanted on the mainland, where a road was being built along the coast. It would not pay for
everything, but it would pay for the wall.

So the work began with the sand. A ship with a long arm came in May and stayed until August. Every
morning it filled two barges, and every evening the barges went across the strait. The children of
the school counted them and wrote the number on a board beside the window of the bakery. When the
board said one hundred and sixty, the ship blew its horn three times and went away, and the water in
the basin was as deep as it had been in the days of their grandparents.

The gap in the wall was closed in September. The stones came from the quarry behind the church, the
same quarry from which the first wall had been built. Six masons worked from the land and two from a
raft. They had good weather for all but four days. On the last afternoon the oldest woman of the
island was asked to put a coin between two of the stones, as her father had done when she was small,
and she did so without a word and went home.

What remained was work that the people could do themselves. They made new stairs of oak, set eighty
rings into the stone and painted the lamp at the end of the wall. The hotels gave the paint, and the
fishermen gave the ropes. In the spring, on the second Sunday of April, the first boat came in. It
was not a large one, and it brought nothing but letters, flour and a piano for the school. But when
it had been tied to one of the new rings, the bell of the church was rung, and for a while nobody on
the wall could hear what anybody else was saying.
"""

EDIT = (
    "Write the following text again, word for word, but write 'port' wherever it says 'harbour'. "
    f"Answer with nothing but the text.\n{_REPORT}"
)
"""A text of some 600 words, and what to change in it."""
