"""Every example that a reader can copy runs: in the README, the documents and the docstrings."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "koubai"
DOCUMENTS = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")])

# A fenced block of Python, and the comment directly above it, if there is one, that says why not.
_BLOCK = re.compile(
    r"(?:^[ \t]*<!--[ \t]*not run:(?P<reason>[^\n]*?)-->[ \t]*\n(?:[ \t]*\n)?)?"
    r"^(?P<indent>[ \t]*)(?P<fence>```+|~~~+)[ \t]*python\b[^\n]*\n"
    r"(?P<code>.*?)"
    r"^(?P=indent)(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """The blocks to run, each with the number of the line that its code begins in."""
    for block in _BLOCK.finditer(text):
        if block["reason"] is not None:
            assert block["reason"].strip(), "a block that is not run says why"
            continue
        yield text.count("\n", 0, block.start("code")) + 1, textwrap.dedent(block["code"])


def run(text: str, name: str) -> dict[str, Any]:
    """Runs the blocks one after another in one namespace, with the lines as in the document."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for line, code in blocks(text):
        exec(compile("\n" * (line - 1) + code, name, "exec"), namespace)  # noqa: S102
    return namespace


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary working directory, and pictures that open no window."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    mpl.use("Agg")
    return tmp_path


def alike(documents: list[Path]) -> list[list[Path]]:
    """The documents; those together whose code differs in comments alone, as a translation's."""
    found: dict[tuple[str, ...], list[Path]] = {}
    for document in documents:
        text = document.read_text(encoding="utf-8")
        code = tuple(ast.dump(ast.parse(code)) for _, code in blocks(text))
        found.setdefault(code, []).append(document)
    return list(found.values())


def named(documents: list[Path]) -> str:
    return " and ".join(str(document.relative_to(ROOT)) for document in documents)


@pytest.mark.parametrize("documents", alike(DOCUMENTS), ids=named)
def test_the_examples_of_a_document_run(documents: list[Path], elsewhere: Path) -> None:
    run(documents[0].read_text(encoding="utf-8"), str(documents[0]))


SAMPLE = """
```python
import pathlib
x = 1
```
Not Python:
```bash
exit 1
```
<!-- not run: takes an hour -->
```python
raise RuntimeError("run all the same")
```

- in a list

  ```python title="more"
  x += 1
  if x:
      pathlib.Path("written").touch()
  ```
"""


def test_blocks_run_in_sequence_and_exempt_ones_do_not(elsewhere: Path) -> None:
    assert run(SAMPLE, "sample")["x"] == 2
    assert (elsewhere / "written").exists()
    assert [line for line, _ in blocks(SAMPLE)] == [3, 18]


def test_documents_run_together_only_if_their_code_is_the_same(tmp_path: Path) -> None:
    texts = ["x = 1  # one", "x = 1  # 一つ", "x = '1'", "x = 1\n```\n```python\nx"]
    documents = [tmp_path / f"{number}.md" for number in range(4)]
    for document, text in zip(documents, texts, strict=True):
        document.write_text(f"```python\n{text}\n```\n", encoding="utf-8")
    first, second, third, fourth = documents
    assert alike(documents) == [[first, second], [third], [fourth]]


def test_a_broken_example_is_noticed_at_its_line() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run("\n\n```python\nx = 1\n1 / 0\n```\n", "sample")
    assert caught.traceback[-1].lineno + 1 == 5
    with pytest.raises(AssertionError, match="says why"):
        run("<!-- not run: -->\n```python\n```\n", "sample")


def docstrings(source: str) -> Iterator[tuple[str, str]]:
    """Every docstring that holds an example, with the name of what it documents."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text and ">>>" in text:
                yield getattr(node, "name", "module"), text


# Found in the source, for doctest's own finder passes over functions behind a decorator, and in
# tests all of koubai's are: the one that checks their shapes.
EXAMPLES = [
    pytest.param(path, text, id=f"{path.relative_to(SOURCE)}:{name}")
    for path in sorted(SOURCE.rglob("*.py"))
    for name, text in docstrings(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("path", "text"), EXAMPLES)
def test_the_examples_of_a_docstring_run(path: Path, text: str, elsewhere: Path) -> None:
    dotted = ".".join(["koubai", *path.relative_to(SOURCE).with_suffix("").parts])
    module = importlib.import_module(dotted.removesuffix(".__init__"))
    failures = fails(text, dict(vars(module)), path)
    assert failures == ""


def fails(text: str, namespace: dict[str, Any], path: Path) -> str:
    test = doctest.DocTestParser().get_doctest(text, namespace, path.stem, str(path), 0)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    return "".join(said)


def test_there_are_examples_and_a_wrong_one_is_noticed() -> None:
    assert EXAMPLES
    assert "Expected:\n    3" in fails(">>> 1 + 1\n3\n", {}, Path("sample.py"))
    assert fails(">>> x\n2\n", {"x": 2}, Path("sample.py")) == ""
    source = "def f():\n    '''Says 1.\n\n    >>> f()\n    1\n    '''\ndef g():\n    '''None.'''\n"
    assert [name for name, _ in docstrings(source)] == ["f"]
