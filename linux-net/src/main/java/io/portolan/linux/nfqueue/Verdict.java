package io.portolan.linux.nfqueue;

/** What becomes of a queued packet. */
public enum Verdict {
  DROP(0),
  ACCEPT(1);

  private final int number;

  Verdict(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
