"""Damaged bytes: a flip, a cut or zeros anywhere in any file of a store, which must be told or change no answer."""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faults.acts import Clock, perform
from faults.counts import Counts
from faults.work import Work, Worker
from geo_service.errors import GeoServiceError
from geo_service.store import open_store
from geo_service.store.head import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo_service.model.cells import Cube
    from geo_service.store import DiskStore
    from geo_service.store.snapshot import DiskSnapshot

ACTS: Final = 12
_ZEROS: Final = (1, 16, 512, 4096)
_REFUSED: Final = "refused: "
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - thousands of copies, none of which need outlive the run


def answers(store: DiskStore) -> dict[str, str]:
    """Ask a store everything that it can be asked; a refusal is an answer that begins with `refused`."""
    told: dict[str, str] = {}

    def ask(name: str, question: Callable[[], object]) -> None:
        try:
            told[name] = repr(question())
        except GeoServiceError as error:
            told[name] = f"{_REFUSED}{error.message}"

    ask("versions", store.versions)
    ask("events", lambda: store.events(1000))
    ask("runs", store.runs)
    ask("numbers", lambda: range(store.snapshot().version + 1))
    if told["numbers"].startswith(_REFUSED):
        return told
    for number in range(store.snapshot().version + 1):
        # What was erased is refused, and that is the right answer.
        ask(f"version {number}", lambda number=number: store.snapshot(number).version)  # type: ignore[misc]
        if told[f"version {number}"].startswith(_REFUSED):
            continue
        for name, question in _questions(store.snapshot(number)).items():
            ask(f"version {number}: {name}", question)
    return told


def _questions(snapshot: DiskSnapshot) -> dict[str, Callable[[], object]]:
    held = snapshot.slots()
    asked: dict[str, Callable[[], object]] = {"slots": lambda: held}
    for slot in held:
        kind, _, rest = slot.partition("/")
        if kind == "incidents":
            asked[slot] = lambda slot=slot: snapshot.incident_slot(slot).rows()  # type: ignore[misc]
        elif kind == "assignments":
            incidents = rest.partition("/")[2]
            asked[slot] = lambda incidents=incidents: snapshot.assignment(incidents, "wards").tolist()  # type: ignore[misc]
    asked["rejects"] = lambda: snapshot.rejects().rows()
    asked["sets"] = lambda: {name: (found.codes, found.names) for name, found in snapshot.boundary_sets().items()}
    if snapshot.months():
        asked["cube"] = lambda: _sums(snapshot.cube(9))
        asked["cube by ward"] = lambda: _sums(snapshot.cube(9, "wards")) if "boundaries/wards" in held else None
    return asked


def _sums(cube: Cube) -> list[object]:
    monthly = [cube.counts.between(step, step + 1).tolist() for step in range(len(cube.steps))]
    named = (getattr(cube, name).tolist() for name in ("steps", "cell", "member", "group"))
    return [cube.groups.rows(), cube.held, *named, monthly]


class Patient:
    """Be a store that can be damaged again and again, and knows its right answers."""

    def __init__(self, folder: Path) -> None:
        """Make it twice: as its process was killed, the ledger's log still to be taken in, and as it was closed."""
        self._ill = folder / "ill"
        self._sound = (folder / "killed", folder / "closed")
        killed, closed = self._sound
        with Worker(Work(closed, range(ACTS), linger=True)) as worker:
            worker.go()
            while len(worker.done()) < ACTS:
                worker.listen(0.01)
            # Killed before it can tidy up.
            worker.kill()
            worker.listen_to_the_end()
        shutil.copytree(closed, killed)
        with open_store(closed, Clock()) as store:
            self._right = answers(store)
        # The answers have built cubes, which are to be damaged too.
        shutil.copytree(closed / "cubes", killed / "cubes", dirs_exist_ok=True)
        shutil.copytree(closed, folder / "later")
        clock = Clock()
        with open_store(folder / "later", clock) as store:
            perform(store, clock, ACTS)
            self._later = answers(store)

    def suffer(self, chance: random.Random, only: str = "") -> tuple[Path, str]:
        """Damage one file of a fresh copy, `only` that one where it is named; return which, and how."""
        sound = chance.choice(self._sound)
        files = sorted(path.relative_to(sound) for path in sound.rglob("*") if path.is_file() and path.stat().st_size)
        # Kinds first, so that the one ledger suffers as much as the many files of cubes.
        kinds = sorted({path.parts[0] for path in files} - {"tmp"})
        shutil.rmtree(self._ill, ignore_errors=True)
        shutil.copytree(sound, self._ill)
        while True:
            kind = only or chance.choice(kinds)
            name = chance.choice([path for path in files if path.parts[0] == kind])
            before = (sound / name).read_bytes()
            how, after = _damaged(before, chance)
            if after != before:
                (self._ill / name).write_bytes(after)
                return name, f"{how} ({sound.name})"

    def examine(self, name: Path) -> tuple[str, str | None]:
        """Return how a damaged store answers, and what is wrong with that.

        Then it is told to do one act more and opened again: damage must not be spread by writing either.
        """
        clock = Clock()
        try:
            with open_store(self._ill, clock) as store:
                outcome, wrong = self._look(name, answers(store), store.check())
                try:
                    perform(store, clock, ACTS)
                    right = self._later
                except GeoServiceError:
                    right = self._right
            with open_store(self._ill, clock) as store:
                _, silent = _differing(answers(store), right)
        except GeoServiceError as error:
            return "refused at opening", None if "ledger" in error.message else f"{name}: {error.message}"
        except Exception as error:  # noqa: BLE001 - an error without words is one more thing to mend
            return "broke", f"{name}: {type(error).__name__}: {error}"
        return outcome, wrong or (f"{name}: after one act more {silent[:3]}" if silent else None)

    def _look(self, name: Path, told: Mapping[str, str], doctor: Sequence[str]) -> tuple[str, str | None]:
        refused, silent = _differing(told, self._right)
        if silent:
            return "answered wrongly", f"{name}: {silent[:3]}"
        if name.parts[0] == "files":
            others = [answer for answer in refused if name.stem not in answer]
            if others or not refused or not any(name.stem in said for said in doctor):
                return "refused", f"{name}: {len(refused)} refused, {others[:1]}, doctor: {doctor[:1]}"
        if name.name == HEAD and not any(HEAD in said for said in doctor):
            return "answered rightly", f"{name}: the doctor says nothing"
        return "refused by name" if refused else "answered rightly", None


def _differing(told: Mapping[str, str], right: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the answers that were refused though they should not be, and the questions answered wrongly."""
    other = {asked: answer for asked, answer in told.items() if answer != right.get(asked)}
    refused = [answer for answer in other.values() if answer.startswith(_REFUSED)]
    silent = [asked for asked, answer in other.items() if not answer.startswith(_REFUSED)]
    if not refused and len(told) != len(right):
        silent.append("too few answers")
    return refused, silent


def _damaged(before: bytes, chance: random.Random) -> tuple[str, bytes]:
    content = bytearray(before)
    at = chance.randrange(len(content))
    match chance.choice(["flip", "flip", "cut", "zeros"]):
        case "flip":
            content[at] ^= 1 << chance.randrange(8)
            return "flip", bytes(content)
        case "cut":
            return "cut", bytes(content[:at])
        case _:
            length = chance.choice(_ZEROS)
            content[at : at + length] = bytes(len(content[at : at + length]))
            return "zeros", bytes(content)


def damages(count: int, seed: int = 0, only: str = "") -> Counts:
    """Damage a file of a store so many times, and ask the store everything each time.

    only: name or first folder of the files to damage; all by default.
    """
    counts = Counts("flips, cuts and zeros")
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="damage-", dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        patient = Patient(Path(folder))
        for _ in range(count):
            name, how = patient.suffer(chance, only)
            outcome, wrong = patient.examine(name)
            counts.note(outcome, None if wrong is None else f"{how} {wrong}")
    return counts
