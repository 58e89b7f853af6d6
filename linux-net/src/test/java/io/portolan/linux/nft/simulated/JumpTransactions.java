package io.portolan.linux.nft.simulated;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.linux.nft.PayloadField;
import java.util.List;
import java.util.Random;

/** Random jumps, direct and through verdict maps, among more chains than the kernel's stack has. */
final class JumpTransactions {
  private static final int CHAINS = 20;
  private static final List<NftSet> MAPS =
      List.of(
          NftSet.verdictMap("m0", NftType.IPV4_ADDR), NftSet.verdictMap("m1", NftType.IPV4_ADDR));

  private JumpTransactions() {}

  static NftTransaction next(Random random) {
    NftTransaction.Builder builder =
        NftTransaction.on(SimulatedAgainstKernelNetnsIT.TABLE)
            .addTable()
            .addChain(
                NftChain.base(
                    "base", NftChain.Type.FILTER, NftHook.FORWARD, 0, NftChain.Policy.ACCEPT));
    MAPS.forEach(builder::addSet);
    for (int i = 0; i < CHAINS; i++) {
      builder.addChain(NftChain.regular("c" + i));
    }
    int commands = 1 + random.nextInt(6);
    for (int i = 0; i < commands; i++) {
      builder.with(command(random));
    }
    return builder.build();
  }

  private static NftCommand command(Random random) {
    NftSet map = MAPS.get(random.nextInt(MAPS.size()));
    int chain = random.nextInt(CHAINS);
    NftElement element =
        NftElement.mapping(target(random, chain), NftValue.ipv4(random.nextInt(6)));
    return switch (random.nextInt(12)) {
      case 0, 1 -> new NftCommand.FlushChain("c" + chain);
      case 2 -> new NftCommand.FlushSet(map.name());
      case 3 -> new NftCommand.AddElements(map, List.of(element));
      case 4 ->
          new NftCommand.AddRule(
              "c" + chain, NftRule.of(NftStatement.verdictMap(map.name(), PayloadField.IP_SADDR)));
      case 5 -> new NftCommand.AddRule("base", NftRule.of(NftStatement.counter()));
      case 6 -> new NftCommand.InsertRule("base", NftRule.of(NftStatement.jump("c" + chain)));
      default ->
          new NftCommand.AddRule(
              "c" + chain, NftRule.of(NftStatement.verdict(target(random, chain))));
    };
  }

  /** Mostly a few chains ahead, so that not everything is a loop; now and then anywhere. */
  private static NftVerdict target(Random random, int from) {
    int to =
        random.nextInt(12) == 0
            ? random.nextInt(CHAINS)
            : Math.min(CHAINS - 1, from + 1 + random.nextInt(3));
    return random.nextBoolean() ? NftVerdict.jump("c" + to) : NftVerdict.goTo("c" + to);
  }
}
