package io.portolan.linux.nft;

/** What a map gives for a key. */
public sealed interface NftData permits NftValue, NftVerdict {}
