"""A disk that forgets: which writes and names would be left if the power failed now."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

TRACED: Final = (
    "openat,fcntl,lseek,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink,unlinkat,mkdir,rmdir,"
    # These are not modelled: met inside the disk, they stop the replay rather than be left out of it.
    "creat,writev,pwritev,pwritev2,truncate,fallocate,link,linkat,symlink,symlinkat,renameat,renameat2,mkdirat,"
    "dup,dup2,dup3,copy_file_range,sendfile,splice,mknod,mknodat"
)
_SECTOR: Final = 512
_CALL: Final = re.compile(r"^(\d+)\s+(\w+)\((.*)\)\s+= (-?\d+)(<[^>]*>)?", re.DOTALL)
_RESUMED: Final = re.compile(r"^\d+\s+<\.\.\. \w+ resumed>")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_HANDLE: Final = re.compile(r"(-?\d+|AT_FDCWD)<([^>]*)>(\(deleted\))?")


@dataclass
class File:
    """Hold what was written, and how much of it the disk is sure to keep."""

    now: bytearray = field(default_factory=bytearray)
    kept: bytes = b""
    waiting: list[tuple[int, bytes | None]] = field(default_factory=list)
    """(offset, bytes) written, (size, None) cut off, since the last sync."""

    def write(self, at: int, content: bytes | None) -> None:
        """Write bytes at an offset, or cut the file off there."""
        _write(self.now, at, content)
        self.waiting.append((at, content))

    def sync(self) -> None:
        """Wait for the disk."""
        self.kept = bytes(self.now)
        self.waiting.clear()


@dataclass
class Folder:
    """Hold names, and which of them the disk is sure to keep."""

    now: dict[str, Node] = field(default_factory=dict)
    kept: dict[str, Node] = field(default_factory=dict)
    waiting: list[tuple[str, Node | None]] = field(default_factory=list)
    """(name, what it names or None) since the last sync."""

    def name(self, name: str, node: Node | None) -> None:
        """Let a name stand for something, or for nothing."""
        if node is None:
            del self.now[name]
        else:
            self.now[name] = node
        self.waiting.append((name, node))

    def sync(self) -> None:
        """Wait for the disk."""
        self.kept = dict(self.now)
        self.waiting.clear()


Node: TypeAlias = File | Folder


def _write(content: bytearray, at: int, written: bytes | None) -> None:
    if written is None:
        del content[at:]
    content.extend(bytes(max(0, at - len(content))))
    if written is not None:
        content[at : at + len(written)] = written


class Platter:
    """Replay the system calls of one process below one folder."""

    def __init__(self, root: Path) -> None:
        """Begin with `root` empty and safe."""
        self._root = str(root)
        self.top = Folder()
        self._at: dict[str, list[int]] = {}
        """Offset of each open file handle, in a list that handles of one opening share."""

    def apply(self, call: Call) -> bool:
        """Do what a call did; return whether it changed or synced anything below the folder."""
        held = _HANDLE.match(call.words)
        path = _unhex(held[2]) if held else ""
        if call.name == "openat":
            return self._open(_unhex(call.opened), call.words, call.result)
        if call.name == "fcntl":
            if held is not None and "F_DUPFD" in call.words:
                self._at[str(call.result)] = self._at.get(held[1], [0])
            return False
        if call.name in {"write", "pwrite64", "ftruncate", "lseek", "fsync", "fdatasync"}:
            assert held is not None  # noqa: S101 - these begin with a handle
            return bool(not held[3] and self._inside(path) and self._on_handle(call, held[1], path))
        strings = [text.decode() for text in call.strings()]
        paths = [text if text.startswith("/") else f"{path}/{text}" for text in strings]
        if not any(map(self._inside, paths)):
            return False
        match call.name:
            case "rename":
                (old, before), (new, after) = map(self._split, paths)
                node = old.now[before]
                # The new name first: a power cut may leave both names, but never neither.
                new.name(after, node)
                old.name(before, None)
            case "mkdir":
                folder, name = self._split(paths[0])
                folder.name(name, Folder())
            case "unlink" | "unlinkat" | "rmdir":
                folder, name = self._split(paths[0])
                folder.name(name, None)
            case _:
                msg = f"not modelled: {call}"
                raise NotImplementedError(msg)
        return True

    def _open(self, path: str, words: str, handle: int) -> bool:
        self._at[str(handle)] = [0]
        if not self._inside(path) or path == self._root:
            return False
        folder, name = self._split(path)
        if name not in folder.now and "O_CREAT" in words:
            folder.name(name, File())
            return True
        node = folder.now[name]
        if "O_TRUNC" in words and isinstance(node, File) and node.now:
            node.write(0, None)
            return True
        return False

    def _on_handle(self, call: Call, handle: str, path: str) -> bool:
        node = self._find(path)
        if call.name == "lseek":
            self._at[handle][0] = call.result
            return False
        if call.name in {"fsync", "fdatasync"}:
            node.sync()
            return True
        assert isinstance(node, File)  # noqa: S101 - folders are not written
        if call.name == "ftruncate":
            node.write(call.last_number(), None)
            return True
        content = call.strings()[0][: call.result]
        if call.name == "pwrite64":
            node.write(call.last_number(), content)
        else:
            node.write(self._at[handle][0], content)
            self._at[handle][0] += call.result
        return True

    def _inside(self, path: str) -> bool:
        return path == self._root or path.startswith(f"{self._root}/")

    def _split(self, path: str) -> tuple[Folder, str]:
        parent, _, name = path.rpartition("/")
        folder = self._find(parent)
        assert isinstance(folder, Folder)  # noqa: S101 - the call succeeded
        return folder, name

    def _find(self, path: str) -> Node:
        node: Node = self.top
        for name in filter(None, path.removeprefix(self._root).split("/")):
            assert isinstance(node, Folder)  # noqa: S101 - the call succeeded
            node = node.now[name]
        return node


# --- what is left ---------------------------------------------------------------------------------


def left_synced(node: Node) -> Node:
    """Return what is left where nothing is kept but what was synced."""
    if isinstance(node, File):
        return File(bytearray(node.kept))
    return Folder({name: left_synced(inner) for name, inner in node.kept.items()})


def left_named(node: Node) -> Node:
    """Return what is left where all names are kept, but only synced bytes: files may be there and empty."""
    if isinstance(node, File):
        return File(bytearray(node.kept))
    return Folder({name: left_named(inner) for name, inner in node.now.items()})


def left_by_chance(node: Node, chance: random.Random) -> Node:
    """Return what is left where the disk wrote some of what waits, in any order, and some of it in part."""
    if isinstance(node, File):
        content = bytearray(node.kept)
        for at, written in node.waiting:
            share = chance.choice([0.0, 0.5, 1.0, 1.0])
            if written is None or share == 1.0:
                if share:
                    _write(content, at, written)
            elif share:
                _write(content, at, written[: int(len(written) * share) // _SECTOR * _SECTOR])
        return File(content)
    names = dict(node.kept)
    # Journals keep the order of names, so a part of them is a first part.
    for name, inner in node.waiting[: chance.randint(0, len(node.waiting))]:
        if inner is None:
            names.pop(name, None)
        else:
            names[name] = inner
    return Folder({name: left_by_chance(inner, chance) for name, inner in names.items()})


def lay_out(node: Node, path: Path) -> None:
    """Write what is left as real files."""
    if isinstance(node, File):
        path.write_bytes(node.now)
        return
    path.mkdir(exist_ok=True)
    for name, inner in node.now.items():
        lay_out(inner, path / name)


# --- reading strace -------------------------------------------------------------------------------


class Call(NamedTuple):
    """Hold one system call that succeeded."""

    name: str
    words: str
    result: int
    opened: str
    """Path of the handle that `openat` gave, in hexadecimal."""

    def strings(self) -> list[bytes]:
        """Return the texts among the arguments."""
        return [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(self.words)]

    def last_number(self) -> int:
        """Return the last argument, an offset or size."""
        return int(self.words.rpartition(", ")[2])


def calls(trace: str) -> Iterator[Call]:
    """Yield the calls of a trace that succeeded, as they ended."""
    begun: dict[str, str] = {}
    for raw in trace.splitlines():
        line = raw
        pid = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            begun[pid] = line.removesuffix("<unfinished ...>").rstrip()
            continue
        if resumed := _RESUMED.match(line):
            line = begun.pop(pid) + line[resumed.end() :]
        if (found := _CALL.match(line)) and int(found[4]) >= 0:
            yield Call(found[2], found[3], int(found[4]), (found[5] or "<>")[1:-1])


def _unhex(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode()
