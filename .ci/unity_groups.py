"""Groups of source files that one translation unit can hold: no two of a group give a helper the same name, and none
uses by that name something else, which the helper would hide.

Files keep short helper names in unnamed namespaces, which a joint translation unit would mix. A file with a comment
that begins "compiled alone:" is a group of its own. A new file joins one group and leaves the others as they are, so
that little is compiled again. Types that several files of a group have each their own of, and no header, are told
apart by a macro. Prints one group a line, its paths separated by semicolons; a path is followed by the types to be told
apart in it, each after a #. Called by CMake when PLIMSOLL_UNITY is on.

usage: unity_groups.py FILE...
"""

import hashlib
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINES = 4500  # of one group, about: two processors share the work evenly
COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)  # of groups: few steps, for each step puts files elsewhere
NAME = re.compile(r"(?:struct|class|union|enum|using|concept)\s+(?:class\s+|struct\s+)?([A-Za-z_]\w*)|"
                  r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?=[({=;])")
CALL = re.compile(r"(?<![\w.:>~])(?:([a-z_]\w*)\s*\(|([A-Z]\w*[a-z]\w*))")  # bare: a call, a type
WORDS = {"if", "for", "while", "switch", "return", "sizeof", "decltype", "alignas", "noexcept", "static_assert",
         "template", "requires", "operator", "constexpr", "explicit"}


def code_of(text):
    """Without comments and the inside of strings."""
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
                  lambda match: "" if match.group(0).startswith("/") else '""', text, flags=re.DOTALL)


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
            for match in NAME.finditer(re.sub(r"<[^<>]*>", "", declared) + ";"):
                name = match.group(1) or match.group(2)
                if name not in WORDS and not re.fullmatch("[A-Z_]+", name):  # no macros
                    names.add(name)
                    break
    return names


def called_names(text):
    """Functions and types used by a bare name: those of lower floors among others."""
    return {call or kind for call, kind in CALL.findall(code_of(text))}


def header_words():
    """Every word in the code of headers that joined files may include: what a macro must not touch."""
    words = set()
    for folder in ("sim", "models", "tests/sim", "tests/models", "bench"):
        for where, _, files in os.walk(os.path.join(ROOT, folder)):
            for name in files:
                if name.endswith(".h"):
                    with open(os.path.join(where, name), encoding="utf-8") as file:
                        words |= set(re.findall(r"\w+", code_of(file.read())))
    return words


def own_types(text, elsewhere):
    """Types of the file's own that no header knows."""
    return {name for name in helper_names(text) if re.match("[A-Z][a-z]", name) and name not in elsewhere}


def groups_of(texts, elsewhere=()):
    """texts: {path: text}. Each file goes into the first group, in an order of its own, that has none of its names."""
    count = next((n for n in COUNTS if sum(t.count("\n") for t in texts.values()) <= n * LINES), COUNTS[-1])
    groups, alone = [[] for _ in range(count)], []
    names_of, calls_of = [set() for _ in range(count)], [set() for _ in range(count)]
    for path, text in texts.items():
        if "// compiled alone:" in text:
            alone.append([path])
            continue
        own = own_types(text, elsewhere)
        names = helper_names(text) - own
        calls = called_names(text) - names - own
        name = os.path.relpath(path, ROOT)  # the same in every checkout
        order = sorted(range(count), key=lambda n: hashlib.sha256(f"{name} {n}".encode()).digest())
        order += range(count, len(groups))
        where = next((n for n in order if not names & names_of[n] and not names & calls_of[n] and
                      not calls & names_of[n]), None)
        if where is None:
            where = len(groups)
            groups.append([])
            names_of.append(set())
            calls_of.append(set())
        groups[where].append(path)
        names_of[where] |= names
        calls_of[where] |= calls
    return [group for group in groups + alone if group]


def main():
    texts = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            texts[path] = file.read()
    elsewhere = header_words()
    for paths in groups_of(texts, elsewhere):
        types = {path: own_types(texts[path], elsewhere) for path in paths}
        told_apart = {path: sorted(name for name in types[path] if sum(name in others for others in types.values()) > 1)
                      for path in paths}
        print(";".join("#".join([os.path.abspath(path), *told_apart[path]]) for path in paths))


if __name__ == "__main__":
    main()
