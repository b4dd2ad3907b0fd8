import { useCallback, useState } from 'react';

/** Size of an element in CSS pixels; null until it is laid out. Give `ref` to the element. */
export function useBox(): {
  readonly ref: (element: HTMLElement | null) => (() => void) | undefined;
  readonly box: { readonly width: number; readonly height: number } | null;
} {
  const [box, setBox] = useState<{ width: number; height: number } | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      setBox({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, box };
}
