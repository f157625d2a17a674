import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** The paths on Debian, Fedora and a Mac. LATERBASE_CHROMIUM names another one. */
const places = [
  process.env["LATERBASE_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Starts a real browser without a window. The caller closes it. */
export function openBrowser(): Promise<Browser> {
  const executablePath = places.find((place) => place && existsSync(place));
  if (!executablePath) {
    throw new Error(
      "There is no Chromium here: install it (apt-get install chromium), or name one in LATERBASE_CHROMIUM.",
    );
  }
  // Chromium has no sandbox for root, which tests in a container run as. It only opens our own pages.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
