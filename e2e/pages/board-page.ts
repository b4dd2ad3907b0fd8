import { expect, type Locator, type Page } from '@playwright/test';

export type StateWord =
  'live' | 'quiet' | 'late' | 'stale' | 'blocked' | 'unknown' | 'replaying' | 'disconnected';

/** A board as a viewer sees it. Methods are things people do or notice; there are no selectors in specs. */
export class BoardPage {
  readonly #page: Page;
  readonly #url: string;

  constructor(page: Page, url: string) {
    this.#page = page;
    this.#url = url;
  }

  async open(board: string): Promise<void> {
    // An open WebSocket means the network never goes idle: wait for content instead.
    await this.#page.goto(`${this.#url}/boards/${board}`, { waitUntil: 'domcontentloaded' });
    await expect(this.#page.getByRole('region').first()).toBeVisible();
  }

  panel(title: string): Locator {
    return this.#page.getByRole('region', { name: title, exact: true });
  }

  async expectState(title: string, state: StateWord | RegExp, timeout = 15_000): Promise<void> {
    await expect(this.panel(title)).toHaveAttribute('data-state', state, { timeout });
  }

  /** The machine-readable number; '' when none is shown. */
  value(title: string): Locator {
    return this.panel(title).locator('data[data-role=value]');
  }

  async expectValue(title: string, value: string, timeout = 15_000): Promise<void> {
    await expect(this.value(title)).toHaveAttribute('value', value, { timeout });
  }

  async ageMs(title: string): Promise<number> {
    return Number(await this.panel(title).locator('data[data-role=age]').getAttribute('value'));
  }

  async frontier(title: string): Promise<number> {
    return Number(await this.panel(title).getAttribute('data-frontier'));
  }

  /** Whether the number is drawn struck through. */
  async expectStruck(title: string): Promise<void> {
    await expect(this.value(title)).toHaveCSS('text-decoration-line', 'line-through');
  }

  /** Every state a panel shows from now on, sampled each frame in the page. */
  async watchStates(title: string): Promise<() => Promise<readonly string[]>> {
    const handle = await this.panel(title).evaluateHandle((region) => {
      const seen = new Set<string>();
      const look = () => {
        seen.add(region.getAttribute('data-state') ?? '');
        requestAnimationFrame(look);
      };
      look();
      return seen;
    });
    return () => handle.evaluate((seen) => [...seen]);
  }

  async openWhy(title: string): Promise<Locator> {
    await this.panel(title).getByRole('button').click();
    return this.#page.getByRole('dialog');
  }

  /** Sizes of all panels, for "nothing moves". */
  async boxes(): Promise<readonly unknown[]> {
    return this.#page.getByRole('region').evaluateAll((regions) =>
      regions.map((region) => {
        const { x, y, width, height } = region.getBoundingClientRect();
        return { x, y, width, height };
      }),
    );
  }
}
