/** What the feed needs of the tab it runs in. */
export interface Tab {
  /** Monotonic, fractional ms; may stand still while the machine sleeps. */
  monotonic(): number;
  /** The machine's wall clock, ms; only compared with itself to notice a sleep. */
  wall(): number;
  /** Before the next paint; not while the tab is hidden. Returns how to cancel. */
  nextFrame(callback: () => void): () => void;
  every(ms: number, callback: () => void): () => void;
  /** The tab is looked at again, thawed or back online. */
  onWake(callback: () => void): () => void;
}

/** The browser's own tab. */
export function browserTab(): Tab {
  return {
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    nextFrame(callback) {
      const id = requestAnimationFrame(callback);
      return () => cancelAnimationFrame(id);
    },
    every(ms, callback) {
      const id = setInterval(callback, ms);
      return () => clearInterval(id);
    },
    onWake(callback) {
      const whenVisible = (): void => {
        if (document.visibilityState === 'visible') callback();
      };
      document.addEventListener('visibilitychange', whenVisible);
      document.addEventListener('resume', callback);
      window.addEventListener('pageshow', callback);
      window.addEventListener('online', callback);
      return () => {
        document.removeEventListener('visibilitychange', whenVisible);
        document.removeEventListener('resume', callback);
        window.removeEventListener('pageshow', callback);
        window.removeEventListener('online', callback);
      };
    },
  };
}
