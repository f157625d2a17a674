import { createServer, type Server } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { openHistory } from "../../../../scripts/agent/health/history/history";
import { pageOf, styleHash } from "../../../../scripts/agent/health/page/page";
import { openBrowser } from "../../../support/browser";
import { fillHistory } from "../../../support/filledHistory";
import * as snapshots from "../../../support/healthSnapshots";

const { moment, hostileNames } = snapshots;
const shown = {
  ...{ healthy: snapshots.healthy, degraded: snapshots.degraded, unhealthy: snapshots.unhealthy },
  ...{ unknown: snapshots.unknown, empty: snapshots.empty, external: snapshots.external },
  hostile: snapshots.hostile,
};

const folder = mkdtempSync(join(tmpdir(), "lbt-health-page-"));
const pages = new Map<string, string>();
const asked: string[] = [];
let server: Server;
let browser: Browser;
let origin: string;

/** Serves the pages as the monitor does: one style is allowed, and nothing else. */
beforeAll(async () => {
  fillHistory(folder, moment, 40);
  const history = openHistory(folder, (sentence) => expect(sentence).toBe(""));
  for (const [name, snapshot] of Object.entries(shown)) {
    const now = new Date(Date.parse(moment) + 4000);
    const options = { stack: "homelab", timeZone: "Europe/London", now };
    pages.set(`/${name}`, pageOf(snapshot, history, options));
  }
  history.close();
  server = createServer((request, answer) => {
    asked.push(request.url!);
    answer.setHeader("Content-Type", "text/html; charset=utf-8");
    answer.setHeader("Content-Security-Policy", `default-src 'none'; style-src '${styleHash}'`);
    answer.end(pages.get(request.url!) ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true });
});

async function open(
  name: string,
  options: { width: number; colorScheme?: "light" | "dark"; script?: boolean },
): Promise<{ page: Page; complaints: string[]; close: () => Promise<void> }> {
  const { width, colorScheme = "light", script = false } = options;
  const viewport = { width, height: 800 };
  // axe is put into the page by the test, which the page's own policy would not allow.
  const context = await browser.newContext({
    viewport,
    colorScheme,
    javaScriptEnabled: script,
    bypassCSP: script,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${origin}/${name}`);
  return { page, complaints, close: () => context.close() };
}

const screens = [
  [1280, "light"],
  [360, "dark"],
  [360, "light"],
  [1280, "dark"],
] as const;

/** One screen for each page: all four come up, and light and dark differ in colours only. */
const looked = Object.keys(shown).map((name, i) => [name, ...screens[i % 4]!] as const);

test.each(looked)("axe finds nothing: %s, %i px, %s", async (name, width, colorScheme) => {
  const { page, close } = await open(name, { width, colorScheme, script: true });
  await page.evaluate(axe.source);
  // What is folded is looked at too.
  await page.evaluate(
    "document.querySelectorAll('details').forEach((one) => { one.open = true; })",
  );
  const found = await page.evaluate<axe.AxeResults>(
    "axe.run({ resultTypes: ['violations'], preload: false })",
  );
  expect(found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  expect(found.passes.map(({ id }) => id)).toContain("color-contrast");
  await close();
});

test.each(Object.keys(shown))(
  "360 px are enough, without a script and with one style: %s",
  async (name) => {
    asked.splice(0);
    const { page, complaints, close } = await open(name, { width: 360 });
    await page.locator("summary").last().click();
    expect(await page.locator("details[open]").count()).toBe(1);
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      // A page that is wider than the screen could be scrolled to the side.
      expect({ width, wide: await wideOf(page) }).toEqual({ width, wide: width });
    }
    // The style was allowed: the verdict is large.
    expect((await page.locator("h1").boundingBox())!.height).toBeGreaterThanOrEqual(44);
    expect(complaints).toEqual([]);
    await close();
    // Nothing else was loaded.
    expect([...new Set(asked)].filter((url) => url !== "/favicon.ico")).toEqual([`/${name}`]);
  },
);

/** How wide everything is that can be seen. Without scripts in the page, the browser itself is asked. */
async function wideOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const { cssContentSize } = await session.send("Page.getLayoutMetrics");
  return cssContentSize.width;
}

test("the verdict is a word, a shape and one sentence; each problem has its time, its page and its command", async () => {
  const { page, close } = await open("degraded", { width: 1280 });
  expect(await page.title()).toBe("Degraded · homelab · Laterbase");
  expect(await page.locator("h1").innerText()).toBe("Degraded");
  expect(await page.locator("header use").getAttribute("href")).toBe("#is-degraded");
  const problem = page.locator(".problems li").first();
  expect((await problem.innerText()).split("\n").filter((line) => line.trim() !== "")).toEqual([
    "attic degraded",
    "It streams; 1.9 GB and 5 min behind.",
    "Since 02:44, 23 min. See docs/failures.md#symptoms",
    "npm run laterbase -- --stack homelab logs attic",
  ]);
  expect(await problem.locator("time").getAttribute("title")).toBe("2026-11-30 02:44:12 UTC");
  await close();
});

test("the picture is beside on wide screens, below on narrow ones, and can be read there", async () => {
  for (const [width, seen, hidden] of [
    [1280, ".wide", ".narrow"],
    [360, ".narrow", ".wide"],
  ] as const) {
    const { page, close } = await open("healthy", { width });
    expect(await page.locator(`.picture${seen}`).isVisible()).toBe(true);
    expect(await page.locator(`.picture${hidden}`).isVisible()).toBe(false);
    const text = page.locator(`.picture${seen} text`, { hasText: "0.3 s behind" });
    // 12 px high letters have a line of about 14.
    expect((await text.boundingBox())!.height).toBeGreaterThanOrEqual(13);
    await close();
  }
});

test("names stay text, however they are made", async () => {
  const { page, complaints, close } = await open("hostile", { width: 360 });
  expect(await page.locator("script, img, iframe, object, [onerror]").count()).toBe(0);
  expect(await page.locator("h1").count()).toBe(1);
  await page.locator(".many summary").click();
  const names = await page.locator(".databases tbody th").allInnerTexts();
  expect(names.map((name) => name.trim()).toSorted()).toEqual(
    hostileNames
      .map((name) => name.replace("\u202E", "\\u202e").replace("\u0000\u001b", "\\x00\\x1b"))
      .map((name) => (name === " " ? '" "' : name))
      .toSorted(),
  );
  expect(complaints).toEqual([]);
  await close();
});

test("the README shows the page", () => {
  const image = readFileSync(join(__dirname, "../../../../docs/images/health.png"));
  expect(image.subarray(1, 4).toString()).toBe("PNG");
  expect(image.length).toBeLessThan(150_000);
});
