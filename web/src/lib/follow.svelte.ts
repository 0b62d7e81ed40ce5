/** How near the end still counts as being at the end, in pixels. */
const NEAR = 48;

/** Keeps a growing text's end in view, but only for a reader who is at the end. */
export class Follower {
  /** The reader is somewhere above the end. */
  away = $state(false);
  private box: HTMLElement | null = null;
  private following = true;
  private top = 0;

  scroller = (box: HTMLElement): (() => void) => {
    this.box = box;
    const onscroll = (): void => this.scrolled();
    box.addEventListener('scroll', onscroll, { passive: true });
    return () => box.removeEventListener('scroll', onscroll);
  };

  content = (content: HTMLElement): (() => void) => {
    const watcher = new ResizeObserver(() => this.grown());
    watcher.observe(content);
    if (this.box) watcher.observe(this.box);
    return () => watcher.disconnect();
  };

  /** Goes to the end and stays there. */
  jump(smooth = false): void {
    this.following = true;
    this.away = false;
    requestAnimationFrame(() => {
      const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
      this.box?.scrollTo({ top: this.box.scrollHeight, behavior: smooth && !still ? 'smooth' : 'instant' });
    });
  }

  /** Brings an element to the middle and stays there. */
  goTo(element: HTMLElement): void {
    this.following = false;
    requestAnimationFrame(() => element.scrollIntoView({ block: 'center' }));
  }

  private scrolled(): void {
    const { box } = this;
    if (!box) return;
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    const up = box.scrollTop < this.top - 1;
    this.top = box.scrollTop;
    // Only a reader scrolls up; text that grows and a jump under way leave the end behind for a moment.
    if (left <= NEAR) this.following = true;
    else if (up) this.following = false;
    this.away = left > NEAR && !this.following;
  }

  private grown(): void {
    const { box } = this;
    if (!box) return;
    if (this.following) box.scrollTop = box.scrollHeight;
    else this.away = box.scrollHeight - box.scrollTop - box.clientHeight > NEAR;
  }
}
