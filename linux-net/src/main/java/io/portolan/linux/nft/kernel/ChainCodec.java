package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftHook;
import java.util.Arrays;
import java.util.Optional;

/** NFT_MSG_NEWCHAIN, both ways. */
final class ChainCodec {
  private static final int NF_DROP = 0;
  private static final int NF_ACCEPT = 1;

  private ChainCodec() {}

  static void write(AttributeWriter out, String table, NftChain chain) {
    out.string(Nfnl.CHAIN_TABLE, table).string(Nfnl.CHAIN_NAME, chain.name());
    chain
        .base()
        .ifPresent(base ->
            out.nested(
                    Nfnl.CHAIN_HOOK,
                    hook ->
                        hook.u32BigEndian(Nfnl.HOOK_NUMBER, base.hook().number())
                            .u32BigEndian(Nfnl.HOOK_PRIORITY, base.priority()))
                .u32BigEndian(Nfnl.CHAIN_POLICY, policy(base.policy()))
                .string(Nfnl.CHAIN_TYPE, base.type().text()));
    chain.comment().ifPresent(text -> out.bytes(Nfnl.CHAIN_USERDATA, UserData.comment(text)));
  }

  private static int policy(NftChain.Policy policy) {
    return switch (policy) {
      case DROP -> NF_DROP;
      case ACCEPT -> NF_ACCEPT;
    };
  }

  /** What a NEWCHAIN message says, with enough to filter it. */
  record ReadChain(String table, String name, Optional<NftChain> chain) {}

  /** Reads a chain; empty where it is of a kind this library does not write. */
  static ReadChain read(AttributeReader in) {
    String table = "";
    String name = "";
    String type = "";
    int policy = NF_ACCEPT;
    Optional<int[]> hook = Optional.empty();
    byte[] userData = new byte[0];
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.CHAIN_TABLE -> table = in.string();
        case Nfnl.CHAIN_NAME -> name = in.string();
        case Nfnl.CHAIN_TYPE -> type = in.string();
        case Nfnl.CHAIN_POLICY -> policy = in.u32BigEndian();
        case Nfnl.CHAIN_HOOK -> hook = Optional.of(hook(in.nested()));
        case Nfnl.CHAIN_USERDATA -> userData = in.bytes();
        default -> {}
      }
    }
    Optional<String> comment = UserData.text(userData, UserData.COMMENT);
    try {
      Optional<NftChain.Base> base = Optional.empty();
      if (hook.isPresent()) {
        base = Optional.of(base(type, hook.get(), policy));
      }
      return new ReadChain(table, name, Optional.of(new NftChain(name, base, comment)));
    } catch (IllegalArgumentException e) {
      // Somebody else's, with a name or a hook this library does not write.
      return new ReadChain(table, name, Optional.empty());
    }
  }

  private static NftChain.Base base(String type, int[] hook, int policy) {
    NftChain.Type known =
        Arrays.stream(NftChain.Type.values())
            .filter(t -> t.text().equals(type))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("unknown chain type " + type));
    return new NftChain.Base(
        known,
        NftHook.of(hook[0]),
        hook[1],
        policy == NF_DROP ? NftChain.Policy.DROP : NftChain.Policy.ACCEPT);
  }

  private static int[] hook(AttributeReader in) {
    int[] hook = new int[2];
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.HOOK_NUMBER -> hook[0] = in.u32BigEndian();
        case Nfnl.HOOK_PRIORITY -> hook[1] = in.u32BigEndian();
        default -> {}
      }
    }
    return hook;
  }
}
