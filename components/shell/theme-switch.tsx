'use client';
import { Monitor, Moon, Sun } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { chooseTheme, chosenTheme, onThemeChange, THEMES, type Theme } from './theme.ts';

const ICONS: Readonly<Record<Theme, typeof Sun>> = { light: Sun, dark: Moon, system: Monitor };
const NAMES: Readonly<Record<Theme, string>> = {
  light: 'Light theme',
  dark: 'Dark theme',
  system: 'Theme of the system',
};
const onServer = (): Theme => 'system';

export function ThemeSwitch() {
  const chosen = useSyncExternalStore(onThemeChange, chosenTheme, onServer);
  return (
    <div className="theme-switch" role="group" aria-label="Theme">
      {THEMES.map((theme) => {
        const Icon = ICONS[theme];
        return (
          <button
            key={theme}
            type="button"
            aria-label={NAMES[theme]}
            title={NAMES[theme]}
            aria-pressed={chosen === theme}
            onClick={() => chooseTheme(theme)}
          >
            <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
          </button>
        );
      })}
    </div>
  );
}
