"""Writes the translation units into which source files are joined: no two files of a unit give a helper the same name,
none uses by that name something else, which the helper would hide, and no two open different namespaces.

Files keep short helper names in unnamed namespaces, which a joint translation unit would mix. Helpers and types that no
header knows, and that the file never names as a member, are told apart by a macro for the time of the file; the headers
of such a file are included before. A file with a comment that begins "compiled alone:" is a unit of its own. A new file
joins one unit and leaves the others as they are, so that little is compiled again. Units that do not change are not
written. Prints their paths, one a line. Called by CMake when PLIMSOLL_UNITY is on.

usage: unity_groups.py UNIT FILE...     writes UNIT_0.cpp, UNIT_1.cpp and so on
"""

import functools
import hashlib
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINES = 5000  # of one unit, about: two processors share the work evenly
COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)  # of groups: few steps, for each step puts files elsewhere
NAME = re.compile(r"(?:struct|class|union|enum|using|concept)\s+(?:class\s+|struct\s+)?([A-Za-z_]\w*)|"
                  r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?=[({=;])")
CALL = re.compile(r"(?<![\w.:>~])(?:([a-z_]\w*)\s*\(|([A-Z]\w*[a-z]\w*))")  # bare: a call, a type
WORDS = {"if", "for", "while", "switch", "return", "sizeof", "decltype", "alignas", "noexcept", "static_assert",
         "template", "requires", "operator", "constexpr", "explicit"}


@functools.lru_cache(maxsize=None)
def code_of(text):
    """Without comments and the inside of strings."""
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
                  lambda match: "" if match.group(0).startswith("/") else '""', text, flags=re.DOTALL)


@functools.lru_cache(maxsize=None)
def helper_names(text):
    """Names declared in unnamed namespaces, and more rather than fewer: what looks like one at their level."""
    code = code_of(text)
    names = set()
    for start in re.finditer(r"\bnamespace\s*\{", code):
        depth, level = 1, []
        for c in code[start.end():]:
            if c == "{":
                depth += 1
                if depth == 2:
                    level.append("{};")
            elif c == "}":
                depth -= 1
                if depth == 0:
                    break
            elif depth == 1:
                level.append(c)
        for declared in "".join(level).split(";"):
            # The first name before a parenthesis, an initialiser or the end is the one that is declared.
            # These bring no name of the file's own; the same thing may be brought in twice.
            if re.match(r"\s*using\s+(namespace\b|[\w:]*::\w+\s*$)", declared):
                continue
            if re.match(r"\s*constexpr [^(]*=", declared):  # several constants may stand in one declaration
                names |= set(re.findall(r"\b(k[A-Z]\w*)\s*(?:\[[^\]]*\]\s*)*=", declared))
            for match in NAME.finditer(re.sub(r"<[^<>]*>", "", declared) + ";"):
                name = match.group(1) or match.group(2)
                if name not in WORDS and not re.fullmatch("[A-Z_]+", name):  # no macros
                    names.add(name)
                    break
    return names


@functools.lru_cache(maxsize=None)
def called_names(text):
    """Functions and types used by a bare name: those of lower floors among others."""
    return {call or kind for call, kind in CALL.findall(code_of(text))}


@functools.lru_cache(maxsize=None)
def header(path):
    """The words in the code of a header of this project, and the headers that it includes."""
    try:
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:  # made at build time
        return frozenset(), ()
    return frozenset(re.findall(r"\w+", code_of(text))), included(text)


def included(text):
    return tuple(re.findall(r'^#include "([^"]+)"', text, re.MULTILINE))


def words_elsewhere(text):
    """Every word in the code of the headers that the file sees."""
    words, seen, open_ = set(), set(), list(included(text))
    while open_:
        path = open_.pop()
        if path not in seen:
            seen.add(path)
            more, headers = header(path)
            words |= more
            open_ += headers
    return words


@functools.lru_cache(maxsize=None)
def own_names(text):
    """Helpers of the file's own that a macro can tell apart: no header knows them, and no member is called so here."""
    code, elsewhere = code_of(text), words_elsewhere(text)
    if re.search(r"^\s*#\s*(define|if)", code, re.MULTILINE):
        return {name for name in helper_names(text) if re.match("[A-Z][a-z]", name) and name not in elsewhere}
    members = set(re.findall(r"(?:\.|->|::)\s*([A-Za-z_]\w*)", code))
    return {name for name in helper_names(text) if name not in elsewhere and name not in members}


def groups_of(texts):
    """texts: {path: text}. Each file goes into the first group, in an order of its own, that has none of its names."""
    count = next((n for n in COUNTS if sum(t.count("\n") for t in texts.values()) <= n * LINES), COUNTS[-1])
    groups, alone = [[] for _ in range(count)], []
    names_of, calls_of, opened = ([set() for _ in range(count)] for _ in range(3))
    for path, text in texts.items():
        if "// compiled alone:" in text:
            alone.append([path])
            continue
        own = own_names(text)
        names = helper_names(text) - own
        calls = called_names(text) - names - own
        name = os.path.relpath(path, ROOT)  # the same in every checkout
        order = sorted(range(count), key=lambda n: hashlib.sha256(f"{name} {n}".encode()).digest())
        order += range(count, len(groups))
        opens = set(re.findall(r"^using namespace plimsoll::(aws|ecs|eks|kubernetes)\b", text, re.MULTILINE))
        where = next((n for n in order if not names & names_of[n] and not names & calls_of[n] and
                      not calls & names_of[n] and (not opens or not opened[n] or opens == opened[n])), None)
        if where is None:
            where = len(groups)
            groups.append([])
            names_of.append(set())
            calls_of.append(set())
            opened.append(set())
        groups[where].append(path)
        names_of[where] |= names
        calls_of[where] |= calls
        opened[where] |= opens
    return [group for group in groups + alone if group]


def unit_of(paths, texts):
    """The text of one unit."""
    used = {path: helper_names(texts[path]) | called_names(texts[path]) for path in paths}
    lines = []
    for path in paths:
        relative = os.path.relpath(path, ROOT)
        stem = re.sub(r"\W", "_", os.path.splitext(os.path.basename(path))[0])
        apart = sorted(name for name in own_names(texts[path])
                       if any(name in used[other] for other in paths if other != path))
        if apart and not re.search(r"^\s*#\s*(define|if)", texts[path], re.MULTILINE):
            lines += re.findall(r"^#include [<\"].*", texts[path], re.MULTILINE)
        lines += [f"#define {name} {name}_{stem}" for name in apart]
        lines.append(f'#include "{relative}"')
        lines += [f"#undef {name}" for name in apart]
    return "\n".join(lines) + "\n"


def main():
    unit, *paths = sys.argv[1:]
    texts = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            texts[os.path.abspath(path)] = file.read()
    os.makedirs(os.path.dirname(unit), exist_ok=True)
    for number, group in enumerate(groups_of(texts)):
        path, text = f"{unit}_{number}.cpp", unit_of(group, texts)
        if not os.path.exists(path) or open(path, encoding="utf-8").read() != text:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        print(path)


if __name__ == "__main__":
    main()
