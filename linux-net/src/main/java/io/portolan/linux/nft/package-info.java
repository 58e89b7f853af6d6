/**
 * nftables as data: tables, chains, sets, maps, elements and rules, and transactions over them.
 *
 * <p>Values, and one effect: {@link io.portolan.linux.nft.NftTables}, with the kernel behind it in
 * {@code kernel} and a simulation for tests in {@code simulated}. {@link
 * io.portolan.linux.nft.NftText} prints all of it as nft script. Two pods' worth of policy:
 *
 * <pre>{@code
 * NftTable table = NftTable.of(NftFamily.INET, "portolan").comment("pod policy");
 * NftSet peers = NftSet.of("peers", IPV4_ADDR).comment("app=web");
 * NftSet ports = NftSet.of("ports", IPV4_ADDR, INET_PROTO, INET_SERVICE).interval();
 * NftSet pods = NftSet.verdictMap("pods", IPV4_ADDR);
 *
 * NftTransaction load = NftTransaction.on(table)
 *     .destroyTable()
 *     .addTable()
 *     .addSet(peers)
 *     .addSet(ports)
 *     .addSet(pods)
 *     .addChain(NftChain.regular("class-1").comment("default/web"))
 *     .addRule("class-1", lookup("peers", IP_SADDR), counter(), accept())
 *     .addRule("class-1", NftRule.of(
 *         lookup("ports", IP_SADDR, L4PROTO, TH_DPORT), accept()).comment("rule 2"))
 *     .addRule("class-1", counter(), drop())
 *     .addChain(NftChain.base("forward", Type.FILTER, NftHook.FORWARD, 0, Policy.ACCEPT))
 *     .addRule("forward", ctState(ESTABLISHED, RELATED), accept())
 *     .addRule("forward", verdictMap("pods", IP_DADDR))
 *     .addElements(peers, NftElement.of(NftValue.address("10.0.0.7")))
 *     .addElements(ports, NftElement.of(
 *         NftInterval.prefix(NftValue.address("192.168.0.0"), 16),
 *         NftValue.protocol(6),
 *         NftInterval.of(NftValue.port(8000), NftValue.port(8099))))
 *     .addElements(pods, NftElement.mapping(
 *         NftVerdict.jump("class-1"), NftValue.address("10.0.0.9")))
 *     .build();
 *
 * // Later, a pod comes: elements only.
 * NftTransaction more = NftTransaction.on(table)
 *     .addElements(peers, NftElement.of(NftValue.ipv4(0x0a000008)))
 *     .build();
 * NftOutcome outcome = tables.commit(more);
 * }</pre>
 */
@NullMarked
package io.portolan.linux.nft;

import org.jspecify.annotations.NullMarked;
