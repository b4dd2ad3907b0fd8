import { expect, type Locator, type Page } from '@playwright/test';

/** The list of boards as a viewer sees it. */
export class BoardsPage {
  readonly page: Page;
  readonly #url: string;

  constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
  }

  async open(): Promise<void> {
    await this.page.goto(`${this.#url}/boards`, { waitUntil: 'domcontentloaded' });
    await expect(this.page.getByRole('heading', { name: 'Boards' })).toBeVisible();
  }

  /** The entry of a board, which carries its worst state. */
  item(name: string): Locator {
    return this.page.locator(`li[data-board=${name}]`);
  }

  board(title: string): Locator {
    return this.page.getByRole('link', { name: new RegExp(title) });
  }
}
