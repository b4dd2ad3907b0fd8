export const THEMES = ['light', 'dark', 'system'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'freshet.theme';
const listeners = new Set<() => void>();

const isTheme = (value: string | null): value is Theme => THEMES.some((theme) => theme === value);

/** Runs in <head> before the first paint, so that no page flashes in the wrong theme. Kept in step with `chooseTheme`. */
export const THEME_SCRIPT = `try{var t=localStorage.getItem('${KEY}');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}`;

/** What this browser chose; `system` when nothing, or when storage is closed to us. */
export function chosenTheme(): Theme {
  try {
    const held = localStorage.getItem(KEY);
    return isTheme(held) ? held : 'system';
  } catch {
    return 'system';
  }
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice holds until the page is loaded again.
  }
  for (const listener of listeners) listener();
}

export function onThemeChange(onChange: () => void): () => void {
  listeners.add(onChange);
  return () => listeners.delete(onChange);
}
