package io.portolan.linux.nft;

/** One field of an element's key: a single value or, in an interval set, a range of them. */
public sealed interface NftKeyPart permits NftValue, NftInterval {
  NftType type();

  /** The first value covered. */
  NftValue from();

  /** The last value covered, inclusive. */
  NftValue to();
}
