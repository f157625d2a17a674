import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where a Debian, a Fedora and a Mac have it; LATERBASE_CHROMIUM names another one. */
const places = [
  process.env["LATERBASE_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** A real browser without a window. Whoever opens it closes it. */
export function openBrowser(): Promise<Browser> {
  const executablePath = places.find((place) => place && existsSync(place));
  if (!executablePath) {
    throw new Error(
      "There is no Chromium here: install it (apt-get install chromium), or name one in LATERBASE_CHROMIUM.",
    );
  }
  // Root, which tests in a container are, gets no sandbox; what it opens is ours.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
