"""report.html in a real browser, offline: it draws what summary.json says, at the width of a desk and of a phone, in
light and dark, by mouse and by keyboard. Pictures of what was seen are left in the folder named.

usage: page_test.py PROGRAM PICTURES
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import chromium  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = PICTURES = ""
WIDTHS = {1280: 900, 390: 844}
SCHEMES = ("light", "dark")
TAB, ENTER = ("Tab", 9), ("Enter", 13, "\r")

# How many pixels of each chart have the very colour of a platform or of the filled area under a line; the axes have
# neither.
CANVASES = """(() => {
  const style = getComputedStyle(document.documentElement);
  const colour = name => parseInt(style.getPropertyValue(name).trim().slice(1), 16);
  const lines = new Set([0, 1, 2, 3, 4, 5, 6, 7].map(i => colour('--p' + i))), area = colour('--raised');
  return [...document.querySelectorAll('.chart canvas')].map(canvas => {
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let line = 0, filled = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] !== 255) continue;
      const seen = data[i] << 16 | data[i + 1] << 8 | data[i + 2];
      if (lines.has(seen)) ++line;
      if (seen === area) ++filled;
    }
    return {title: canvas.closest('.chart').querySelector('h3').textContent, width: canvas.width, line, filled};
  });
})()"""
ROWS = """[...document.querySelectorAll('.verdicts tbody tr')].map(row => ({
  broken: row.classList.contains('broken'), winner: row.classList.contains('winner'),
  name: row.querySelector('th').childNodes[1].textContent,
  cells: [...row.querySelectorAll('td')].map(cell => [...cell.childNodes].filter(
    part => !(part.classList && part.classList.contains('key'))).map(part => part.textContent.trim())),
}))"""
HEADS = "[...document.querySelectorAll('.verdicts thead tr:last-child th')].map(head => head.firstChild.textContent)"
# Relative luminance of text and of what is behind it, of every element with text of its own (WCAG 2.2, 1.4.3).
CONTRASTS = """(() => {
  const probe = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parse = text => {
    probe.clearRect(0, 0, 1, 1); probe.fillStyle = text; probe.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, [r, g, b, a]) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a)),
      [255, 255, 255]);
  };
  const seen = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.getClientRects().length || element.closest('.segment, script, style, option')) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
    seen.push({text: element.textContent.trim().slice(0, 40), kind: element.className || element.tagName,
               ratio: (a + 0.05) / (b + 0.05)});
  }
  return seen;
})()"""


def numbers(text):
    """Numbers of a cell: '$1,234.5' and '\u22120.3' are 1234.5 and -0.3."""
    return [float(found.replace("\u2212", "-").replace(",", ""))
            for found in re.findall(r"[-\u2212]?[\d,]*\.?\d+", text.replace("$", ""))]


class ReportPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="plimsoll-page-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.run_directory = os.path.join(folder, "run")
        done = subprocess.run([PROGRAM, "compare", "scenarios/retail-store.yaml", "--set", "load.for=6h",
                               "--replications", "3", "--quiet", "--out", cls.run_directory], cwd=ROOT,
                              capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3):
            raise AssertionError(done.stdout + done.stderr)
        with open(os.path.join(cls.run_directory, "summary.json"), encoding="utf-8") as file:
            cls.summary = json.load(file)
        os.makedirs(PICTURES, exist_ok=True)
        browser = chromium.Browser(chromium.find())
        cls.addClassCleanup(browser.__exit__)
        cls.browser = browser

    def open(self, width=1280, scheme="light"):
        page = self.browser.page()
        page.size(width, WIDTHS[width])
        page.scheme(scheme)
        page.open(pathlib.Path(self.run_directory, "report.html").as_uri())
        self.addCleanup(page.call, "Page.close")
        return page

    def assert_silent(self, page):
        """Nothing thrown, nothing on the console, nothing asked of anybody but the file itself."""
        page.evaluate("0")
        self.assertEqual([], [event["exceptionDetails"] for event in page.events("Runtime.exceptionThrown")])
        self.assertEqual([], [event for event in page.events("Runtime.consoleAPICalled")])
        self.assertEqual([], [event["entry"]["text"] for event in page.events("Log.entryAdded")])
        asked = [event["request"]["url"] for event in page.events("Network.requestWillBeSent")]
        self.assertEqual([pathlib.Path(self.run_directory, "report.html").as_uri()], asked)

    def assert_drawn(self, canvas):
        if canvas["title"] == "Traffic":
            self.assertGreater(canvas["filled"], 1000, canvas)
        else:
            self.assertGreater(canvas["line"], 20, canvas)

    def test_it_is_drawn_whole_at_each_width_in_each_scheme(self):
        looks = {}
        for width in WIDTHS:
            for scheme in SCHEMES:
                with self.subTest(width=width, scheme=scheme):
                    page = self.open(width, scheme)
                    page.screenshot(os.path.join(PICTURES, f"report-{width}-{scheme}.png"))
                    self.assert_silent(page)
                    self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)
                    canvases = page.evaluate(CANVASES)
                    # Traffic, dollars, latency, nodes, pending, CPU for each platform, replicas.
                    self.assertEqual(6 + len(self.summary["platforms"]), len(canvases))
                    for canvas in canvases:
                        self.assert_drawn(canvas)
                        self.assertLessEqual(canvas["width"], width, canvas)
                    contrasts = page.evaluate(CONTRASTS)
                    self.assertGreater(len(contrasts), 100)
                    # AA for text: 4.5 to 1.
                    self.assertEqual([], [entry for entry in contrasts if entry["ratio"] < 4.5])
                    looks[width, scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        self.assertEqual(len(SCHEMES), len(set(looks.values())), looks)

    def test_the_table_says_what_the_summary_says(self):
        page = self.open()
        rows, heads = page.evaluate(ROWS), page.evaluate(HEADS)[1:]
        platforms = self.summary["platforms"]
        self.assertEqual(sorted(platforms), sorted(row["name"] for row in rows))
        for row in rows:
            facts = platforms[row["name"]]
            cells = dict(zip(heads, row["cells"]))
            with self.subTest(row["name"]):
                for head, key in (("per hour", "usd_per_hour"), ("per day", "usd_per_day")):
                    shown, expected = cells[head], facts["estimates"][key]
                    places = 3 if head == "per hour" else 2
                    self.assertAlmostEqual(float(expected["mean"]), numbers(shown[0])[0], delta=0.51 * 10**-places)
                    if len(shown) > 1:
                        self.assertAlmostEqual(float(expected["half_width"]), numbers(shown[1])[0],
                                               delta=0.51 * 10**-places)
                latency = facts["estimates"]["latency_p99_us"]["mean"] / 1000
                self.assertIn("ms", cells["latency"][0])
                self.assertAlmostEqual(latency, numbers(cells["latency"][0])[0], delta=latency * 0.01)
                self.assertAlmostEqual(facts["estimates"]["evictions"]["mean"], numbers(cells["evictions"][0])[0],
                                       delta=0.06)
                promises = [promise for promise in facts["expectations"] if promise["broken_in_replications"]]
                if row["broken"]:
                    self.assertTrue(promises)
        # Ranked by money, those that break a promise last; the cheapest is marked when it wins.
        order = [(row["broken"], float(platforms[row["name"]]["estimates"]["usd_per_day"]["mean"])) for row in rows]
        self.assertEqual(sorted(order), order)
        winners = [row["name"] for row in rows if row["winner"]]
        self.assertLessEqual(len(winners), 1)
        if winners:
            self.assertEqual(rows[0]["name"], winners[0])
            self.assertIn(winners[0], page.evaluate("document.querySelector('h1').textContent").replace("\u2011", "-"))
        self.assertIn(self.summary["hash"], page.evaluate("document.querySelector('footer').textContent"))

    def test_the_bill_adds_up(self):
        page = self.open()
        for name, facts in self.summary["platforms"].items():
            totals = page.evaluate(f"""[...document.querySelectorAll('.of')].filter(h => h.textContent === {name!r})
              .map(h => h.nextElementSibling.querySelector('tbody tr:last-child td').textContent)""")
            self.assertEqual([facts["cost"]["total_usd"]], totals, name)

    def test_a_chip_hides_a_platform_and_shows_it_again(self):
        page = self.open()
        before = page.evaluate("document.querySelectorAll('.u-legend .u-series.u-off').length")
        box = page.evaluate("""(() => { const chip = document.querySelector('.chip'); chip.scrollIntoView({block:
          'center'}); const r = chip.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()""")
        page.click(*box)
        self.assertEqual("false", page.evaluate("document.querySelector('.chip').getAttribute('aria-pressed')"))
        hidden = page.evaluate("document.querySelectorAll('.u-legend .u-series.u-off').length")
        self.assertGreaterEqual(hidden - before, 3)  # dollars, latency, pending at least
        page.click(*box)
        self.assertEqual("true", page.evaluate("document.querySelector('.chip').getAttribute('aria-pressed')"))
        self.assertEqual(before, page.evaluate("document.querySelectorAll('.u-legend .u-series.u-off').length"))
        self.assert_silent(page)

    def test_a_legend_entry_hides_its_line(self):
        page = self.open()
        line = "[...document.querySelectorAll('.chart')].find(c => c.querySelector('h3').textContent === 'Pending')"
        pixels = f"""(() => {{ const canvas = {line}.querySelector('canvas');
          return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join(); }})()"""
        first = page.evaluate(pixels)
        box = page.evaluate(f"""(() => {{ const entry = {line}.querySelectorAll('.u-legend .u-series')[1]
          .querySelector('th'); entry.scrollIntoView({{block: 'center'}}); const r = entry.getBoundingClientRect();
          return [r.x + r.width / 2, r.y + r.height / 2]; }})()""")
        off = f"{line}.querySelectorAll('.u-legend .u-series')[1].classList.contains('u-off')"
        page.click(*box)
        page.settle()
        self.assertTrue(page.evaluate(off))
        self.assertNotEqual(first, page.evaluate(pixels))
        page.click(*box)
        page.settle()
        self.assertFalse(page.evaluate(off))

    def test_the_replicas_of_another_application(self):
        page = self.open()
        names = page.evaluate("[...document.querySelectorAll('.chart select option')].map(o => o.value)")
        workloads = {name for facts in self.summary["platforms"].values() for name in facts["workloads"]}
        self.assertGreater(len(names), 3)
        self.assertLessEqual(set(names), workloads)
        pixels = """(() => { const canvas = document.querySelector('.chart select').closest('.chart')
          .querySelector('canvas');
          return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join(); })()"""
        first = page.evaluate(pixels)
        page.evaluate(f"""(() => {{ const box = document.querySelector('.chart select'); box.value = {names[1]!r};
          box.dispatchEvent(new Event('change')); }})()""")
        page.settle()
        self.assertNotEqual(first, page.evaluate(pixels))
        self.assert_silent(page)

    def test_the_button_changes_the_scheme(self):
        page = self.open()
        look = "getComputedStyle(document.body).backgroundColor"
        first = page.evaluate(look)
        page.evaluate("document.querySelector('.bar button').click()")
        page.settle()
        self.assertNotEqual(first, page.evaluate(look))
        for canvas in page.evaluate(CANVASES):
            self.assert_drawn(canvas)
        page.evaluate("document.querySelector('.bar button').click()")
        self.assertEqual(first, page.evaluate(look))
        self.assert_silent(page)

    def test_the_keyboard_reaches_everything(self):
        page = self.open()
        wanted = page.evaluate("""[...document.querySelectorAll('button, summary, select, [tabindex]')]
          .filter(e => e.getClientRects().length).length""")
        visited, seen_tip, steps = [], False, 0
        while steps < wanted + 20:
            steps += 1
            page.key(*TAB)
            at = page.evaluate("""(() => { const e = document.activeElement; if (!e || e === document.body) return null;
              const s = getComputedStyle(e); return {what: e.tagName + ' ' + e.className + ' ' + (e.textContent ||
              e.getAttribute('aria-label')), ring: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1,
              tip: document.getElementById('tip').style.display === 'block' &&
                   document.getElementById('tip').textContent}; })()""")
            if at is None:
                break
            visited.append(at["what"])
            self.assertTrue(at["ring"], f"no focus ring on {at['what']}")
            seen_tip = seen_tip or bool(at["tip"])
        self.assertGreaterEqual(len(visited), wanted)
        self.assertTrue(seen_tip, "no segment of a bill says what it is when it has the focus")
        page.evaluate("document.querySelector('.chip').focus()")
        page.key(*ENTER)
        self.assertEqual("false", page.evaluate("document.querySelector('.chip').getAttribute('aria-pressed')"))
        page.evaluate("document.querySelector('summary').focus()")
        page.key(*ENTER)
        self.assertTrue(page.evaluate("document.querySelector('details').open"))
        self.assert_silent(page)

    def test_opened_details_do_not_widen_a_phone(self):
        page = self.open(390)
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        page.settle()
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 390)

    def test_names_in_the_data_are_text(self):
        """A scenario's name that looks like markup is shown, not run."""
        folder = os.path.join(os.path.dirname(self.run_directory), "hostile")
        os.makedirs(folder, exist_ok=True)
        name = "<img src=x onerror=document.title='run'>"
        page_text = pathlib.Path(self.run_directory, "report.html").read_text(encoding="utf-8")
        escaped = json.dumps(name)[1:-1].replace("<", "\\u003c")
        hostile = page_text.replace('"name":"ecs-fargate"', f'"name":"{escaped}"')
        self.assertNotEqual(page_text, hostile)
        path = pathlib.Path(folder, "report.html")
        path.write_text(hostile, encoding="utf-8")
        page = self.browser.page()
        self.addCleanup(page.call, "Page.close")
        page.size(1280, 900)
        page.open(path.as_uri())
        self.assertEqual(0, page.evaluate("document.querySelectorAll('main img, header img').length"))
        self.assertIn(name, page.evaluate("document.querySelector('.verdicts').textContent"))
        self.assertIn("Plimsoll report", page.evaluate("document.title"))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    if chromium.find() is None:
        print("no Chromium here: the page was not looked at")
        sys.exit(77)
    PROGRAM, PICTURES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
