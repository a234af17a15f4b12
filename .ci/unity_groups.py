"""Groups of source files that one translation unit can hold: no two of a group give a helper the same name.

Files keep short helper names in unnamed namespaces, which a joint translation unit would mix. Prints one group a line,
its paths separated by semicolons. Called by CMake when PLIMSOLL_UNITY is on.

usage: unity_groups.py FILE...
"""

import os
import re
import sys

MOST_LINES = 3000  # of one group: two processors share the work evenly
NAME = re.compile(r"(?:struct|class|union|enum|using|concept)\s+(?:class\s+|struct\s+)?([A-Za-z_]\w*)|"
                  r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?=[({=;])")
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
            for match in NAME.finditer(re.sub(r"<[^<>]*>", "", declared) + ";"):
                name = match.group(1) or match.group(2)
                if name not in WORDS and not re.fullmatch("[A-Z_]+", name):  # no macros
                    names.add(name)
                    break
    return names


def groups_of(texts):
    """texts: {path: text}, in order. Each file goes into the first group that has room and none of its names."""
    groups = []  # [paths, names, lines]
    for path, text in texts.items():
        names, lines = helper_names(text), text.count("\n")
        for group in groups:
            if not names & group[1] and group[2] + lines <= MOST_LINES:
                break
        else:
            group = [[], set(), 0]
            groups.append(group)
        group[0].append(path)
        group[1] |= names
        group[2] += lines
    return [group[0] for group in groups]


def main():
    texts = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            texts[path] = file.read()
    for paths in groups_of(texts):
        print(";".join(map(os.path.abspath, paths)))


if __name__ == "__main__":
    main()
