import type { Browser, Frame, Locator, Page } from "playwright-core";
import { openBrowser } from "./browser";

/** A server as a person registers it. */
export interface Registered {
  name: string;
  host: string;
  port: number;
  username: string;
}

const patience = 120_000;

/** A person at pgAdmin's page, in a real browser. */
export class PgAdminPage {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  /** Opens the page and logs in. */
  static async open(access: {
    url: string;
    email: string;
    password: string;
  }): Promise<PgAdminPage> {
    const browser = await openBrowser();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(patience);
    const opened = new PgAdminPage(browser, page);
    try {
      await opened.login(access);
      return opened;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  private async login({ url, email, password }: { url: string; email: string; password: string }) {
    await this.page.goto(`${url}/login`);
    await this.page.fill("input[name=email]", email);
    await this.page.fill("input[name=password]", password);
    await this.page.click("button[name=internal_button]");
    const refused = this.page.getByText("Incorrect username or password");
    const locked = this.page.getByText("Your account is locked");
    await this.tree.or(refused).or(locked).first().waitFor();
    if (await refused.isVisible()) throw new Error("pgAdmin refused the login");
    if (await locked.isVisible()) throw new Error("the login is locked");
  }

  private get tree(): Locator {
    return this.page.locator("#id-object-explorer");
  }

  private node(name: string): Locator {
    return this.tree
      .locator(".file-entry")
      .filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** Opens a node of the tree, and waits for a node below it. */
  async expand(name: string, child: string): Promise<void> {
    const below = this.node(child).first();
    if (await below.isVisible()) return;
    await this.node(name).first().dblclick();
    await below.waitFor();
  }

  /** The servers in the tree, by group. None of them may be open. */
  async servers(): Promise<Record<string, string[]>> {
    const groups = await this.tree.locator(".depth-1 .file-name").allInnerTexts();
    let count = 0;
    for (const group of groups) {
      const entry = this.node(group).first();
      if (!(await entry.locator(".directory-toggle.open").isVisible())) await entry.dblclick();
      await entry.locator(".directory-toggle.open").waitFor();
      // An empty group has no number.
      count += Number(/\d+/.exec(await entry.locator(".children-count").innerText())?.[0] ?? 0);
    }
    const names = this.tree.locator(".file-name");
    if (count > 0) await names.nth(groups.length + count - 1).waitFor();
    const shown: Record<string, string[]> = {};
    let group: string[] = [];
    for (const name of await names.allInnerTexts()) {
      if (groups.includes(name)) shown[name] = group = [];
      else group.push(name);
    }
    return shown;
  }

  /** Asks in the Query Tool of a server's database postgres, and returns the first row's cells. */
  async query(server: string, sql: string): Promise<string[]> {
    await this.expand("Laterbase", server);
    await this.expand(server, "Databases");
    await this.expand("Databases", "postgres");
    await this.node("postgres").first().click();
    await this.page.click("button[data-label='Query Tool']:not(:disabled)");
    const frame = await this.queryTool();
    await frame.click("#id-query .cm-content");
    await frame.locator("#id-query .cm-content").fill(sql);
    await frame.click("button[data-label='Execute script']");
    const row = frame.locator("#id-dataoutput div.rdg-row").first();
    await row.waitFor();
    return (await row.locator("div.rdg-cell").allInnerTexts()).slice(1);
  }

  private async queryTool(): Promise<Frame> {
    const frames = this.page.locator("iframe");
    await frames.last().waitFor();
    const frame = await (await frames.last().elementHandle())?.contentFrame();
    if (!frame) throw new Error("the Query Tool has no page");
    await frame.waitForSelector("button[data-label='Execute script']");
    return frame;
  }

  /** Registers a server in a group by the dialogue, without connecting to it. */
  async register(group: string, server: Registered): Promise<void> {
    await this.openDialogue(group);
    await this.page.getByLabel("Connect now?").uncheck();
    const save = this.page.locator("button[data-test=Save]").first();
    // On a busy machine the dialogue may miss what is typed before it is ready, and then cannot be saved.
    for (let left = 5; ; left--) {
      await this.page.click("button[data-test=General]");
      await this.enter("name", server.name);
      await this.page.click("button[data-test=Connection]");
      await this.enter("host", server.host);
      await this.enter("port", String(server.port));
      await this.enter("username", server.username);
      try {
        await save.click({ timeout: 10_000 });
        break;
      } catch (error) {
        if (left === 0) throw error;
      }
    }
    await this.node(server.name).first().waitFor();
  }

  /** Types anew, because a value that is there already is no change to the dialogue. */
  private async enter(field: string, value: string): Promise<void> {
    // The welcome page behind the dialogue has fields of the same names.
    const input = this.page.locator(`input[name=${field}]`).first();
    await input.fill("");
    await input.fill(value);
  }

  /** The last Query Tool opens again some time after the login, which closes an open menu. */
  private async openDialogue(group: string): Promise<void> {
    const timeout = 10_000;
    for (let left = 5; ; left--) {
      try {
        await this.node(group).first().click({ button: "right", timeout });
        await this.page.getByRole("menuitem", { name: "Register" }).click({ timeout });
        await this.page.getByRole("menuitem", { name: "Server..." }).click({ timeout });
        break;
      } catch (error) {
        if (left === 0) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
    // A second dialogue would lie on the first one, so this one is waited for.
    await this.page.locator("input[name=name]").waitFor();
  }

  /** Sends the request of the page's own dialogue. */
  async changePassword(from: string, to: string): Promise<void> {
    const status = await this.page.evaluate(
      async ([password, wanted]) => {
        const url = "/browser/change_password";
        const form = (await (await fetch(url)).json()) as { csrf_token: string };
        const answer = await fetch(url, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({
            ...form,
            password,
            new_password: wanted,
            new_password_confirm: wanted,
          }),
        });
        return answer.status;
      },
      [from, to],
    );
    if (status !== 200) throw new Error(`pgAdmin did not change the password: ${status}`);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
