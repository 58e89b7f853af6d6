package io.portolan.linux.nft;

/** What a rule looks at: a header field, packet meta data, connection tracking, a route lookup. */
public sealed interface NftSelector permits PayloadField, MetaField, CtField, FibField {
  NftType type();

  /** As nft writes it: {@code ip saddr}, {@code meta l4proto}. */
  String text();
}
