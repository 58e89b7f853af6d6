package io.portolan.linux.conntrack;

/**
 * The 128 label bits of a flow. The kernel keeps them only for flows that began while something,
 * such as a rule that sets labels, made it reserve room.
 *
 * @param low bits 0 to 63
 * @param high bits 64 to 127
 */
public record FlowLabels(long low, long high) {
  public static final FlowLabels NONE = new FlowLabels(0, 0);
  static final int BYTES = 16;

  /**
   * One bit.
   *
   * @param bit 0 to 127
   */
  public static FlowLabels of(int bit) {
    if (bit < 0 || bit > 127) {
      throw new IllegalArgumentException("bit " + bit + ": a label is 0 to 127");
    }
    return bit < Long.SIZE
        ? new FlowLabels(1L << bit, 0)
        : new FlowLabels(0, 1L << (bit - Long.SIZE));
  }

  public FlowLabels or(FlowLabels other) {
    return new FlowLabels(low | other.low, high | other.high);
  }

  /** Whether all bits of {@code other} are set. */
  public boolean containsAll(FlowLabels other) {
    return (low & other.low) == other.low && (high & other.high) == other.high;
  }
}
