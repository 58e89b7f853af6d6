package io.portolan.linux.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.TestNamespace;
import io.portolan.linux.netlink.NetlinkException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinkNetnsIT {
  private static final MacAddress HOST_MAC = MacAddress.parse("ee:ee:ee:ee:ee:ee");
  private static final MacAddress POD_MAC = MacAddress.parse("0a:58:0a:00:00:05");

  private final TestNamespace host = new TestNamespace();
  private final TestNamespace pod = new TestNamespace();

  @AfterEach
  void close() {
    host.close();
    pod.close();
  }

  @Test
  void vethIsBornWithItsPeerInTheOtherNamespace() {
    Link link =
        host.routes()
            .create(
                NewLink.veth(
                        "cali1234",
                        VethPeer.named("eth0")
                            .withMac(POD_MAC)
                            .withMtu(1450)
                            .withIndex(7)
                            .in(pod.namespace()))
                    .withIndex(40)
                    .withMac(HOST_MAC)
                    .withMtu(1450)
                    .withGroup(42)
                    .withUp());

    assertThat(link.name()).isEqualTo("cali1234");
    assertThat(link.kind()).isEqualTo("veth");
    assertThat(link.mac()).contains(HOST_MAC);
    assertThat(link.mtu()).isEqualTo(1450);
    assertThat(link.group()).isEqualTo(42);
    assertThat(link.isUp()).isTrue();
    assertThat(link.peer()).hasValue(7);
    assertThat(link.peerNamespace()).isPresent();
    assertThat(host.sh("ip -o -d link show cali1234"))
        .contains("cali1234@if7:", "mtu 1450", "group 42", "link/ether ee:ee:ee:ee:ee:ee", "veth");
    assertThat(pod.sh("ip -o link show eth0"))
        .startsWith("7: eth0@if" + link.index() + ":")
        .contains("mtu 1450", "state DOWN", "link/ether 0a:58:0a:00:00:05");
    assertThat(host.routes().link("cali1234")).contains(link);
    assertThat(host.routes().link(link.index())).contains(link);
    assertThat(host.routes().links()).extracting(Link::name).containsExactly("lo", "cali1234");
  }

  @Test
  void addressesBehindAVethAreReadFromOutside() {
    Link link =
        host.routes().create(NewLink.veth("v0", VethPeer.named("eth0").in(pod.namespace())));
    pod.sh("ip addr add 10.1.0.5/32 dev eth0");
    pod.sh("ip addr add fd00::5/128 dev eth0 nodad");

    int namespace = link.peerNamespace().orElseThrow();
    assertThat(host.routes().addressesIn(namespace))
        .extracting(address -> address.prefix().toString())
        .contains("10.1.0.5/32", "fd00:0:0:0:0:0:0:5/128");
    assertThat(host.routes().addressesIn(namespace + 1)).isEmpty();
  }

  @Test
  void creationTellsThePeersIndex() {
    Link link =
        host.routes().create(NewLink.veth("v0", VethPeer.named("eth0").in(pod.namespace())));

    assertThat(link.peer()).hasValue(pod.routes().link("eth0").orElseThrow().index());
    assertThatThrownBy(
            () -> new RouteBatch().create(NewLink.veth("v1", VethPeer.named("eth1").withIndex(9))))
        .hasMessageContaining("only if v1 has one too");
  }

  @Test
  void bothEndsGetAsManyQueuesAsAskedFor() {
    host.routes().create(NewLink.veth("v0", VethPeer.named("v1").withQueues(2)).withQueues(3));

    assertThat(host.sh("ip -d link show v0")).contains("numtxqueues 3 ", "numrxqueues 3 ");
    assertThat(host.sh("ip -d link show v1")).contains("numtxqueues 2 ", "numrxqueues 2 ");
  }

  @Test
  void changesShowInIpLink() {
    Link link = host.routes().create(NewLink.veth("v0", VethPeer.named("v1")));
    Link bridge = host.routes().create(NewLink.of("br0", new LinkKind.Bridge()));

    host.routes()
        .change(
            link.ref(),
            LinkChange.NONE
                .withName("renamed0")
                .withMtu(1300)
                .withMac(POD_MAC)
                .withGroup(5)
                .withAlias("words with blanks")
                .withMaster(bridge.index()));
    host.routes().change(LinkRef.named("renamed0"), LinkChange.UP);

    assertThat(host.sh("ip -o link show renamed0"))
        .contains(
            "mtu 1300",
            "group 5",
            POD_MAC.toString(),
            "alias words with blanks",
            "master br0",
            "UP");
    Link read = host.routes().link("renamed0").orElseThrow();
    assertThat(read.master()).hasValue(bridge.index());
    host.routes().change(read.ref(), LinkChange.DOWN.withMaster(0).withAlias(""));
    assertThat(host.routes().link("renamed0").orElseThrow().master()).isEmpty();
    assertThat(host.routes().link("renamed0").orElseThrow().alias()).isEmpty();
  }

  @Test
  void linkMovesToAnotherNamespace() {
    Link link = host.routes().create(NewLink.veth("v0", VethPeer.named("v1")));

    host.routes().change(link.ref(), LinkChange.NONE.to(pod.namespace()).withName("eth0"));

    assertThat(host.routes().link("v0")).isEmpty();
    assertThat(pod.routes().link("eth0")).isPresent();
  }

  @Test
  void vxlanAndBridgeReadBackAsTheyWereMade() throws Exception {
    Link under = host.routes().create(NewLink.veth("eth0", VethPeer.named("wire")));
    LinkKind.Vxlan kind =
        LinkKind.Vxlan.of(4096, 4789)
            .withLocal(InetAddress.getByName("192.0.2.1"))
            .withDevice(under.index());

    Link vxlan = host.routes().create(NewLink.of("vxlan.calico", kind).withMac(POD_MAC).withUp());
    Link vxlan6 =
        host.routes()
            .create(
                NewLink.of(
                    "vxlan-v6.calico",
                    LinkKind.Vxlan.of(4096, 4789).withLocal(InetAddress.getByName("2001:db8::1"))));
    Link bridge = host.routes().create(NewLink.of("br0", new LinkKind.Bridge()));

    assertThat(vxlan.configuration()).contains(kind);
    assertThat(vxlan6.configuration().orElseThrow().toString()).contains("2001:db8:0:0:0:0:0:1");
    assertThat(bridge.configuration()).contains(new LinkKind.Bridge());
    assertThat(host.sh("ip -o -d link show vxlan.calico"))
        .contains("vxlan id 4096 local 192.0.2.1 dev eth0", "dstport 4789", "nolearning");
  }

  @Test
  void kindTheKernelLacksIsNotSupported() {
    NewLink tunnel =
        NewLink.of(
            "tunl9", new LinkKind.IpIp(Optional.empty(), Optional.empty(), OptionalInt.empty()));
    try {
      Link made = host.routes().create(tunnel);
      assertThat(made.kind()).isEqualTo("ipip");
    } catch (NetlinkException e) {
      assertThat(e.isNotSupported()).isTrue();
      assertThat(e.kernelMessage()).isEqualTo("Unknown device type");
    }
  }

  @Test
  void twoHundredVethsGoWithTheirGroup() {
    RouteBatch batch = new RouteBatch();
    for (int i = 0; i < 200; i++) {
      batch.create(
          NewLink.veth("cali" + i, VethPeer.named("eth" + i).in(pod.namespace()))
              .withGroup(77)
              .withUp());
    }
    host.routes().apply(batch);
    assertThat(host.routes().links()).hasSize(201);
    assertThat(pod.routes().links()).hasSize(201);

    assertThat(host.routes().deleteGroup(77)).isTrue();

    assertThat(host.routes().links()).extracting(Link::name).containsExactly("lo");
    assertThat(pod.routes().links()).extracting(Link::name).containsExactly("lo");
    assertThat(host.routes().deleteGroup(77)).isFalse();
    assertThatThrownBy(() -> host.routes().deleteGroup(0)).hasMessageContaining("group 0");
  }

  @Test
  void failuresSayWhatWasAskedAndWhatTheKernelSaid() {
    host.routes().create(NewLink.veth("v0", VethPeer.named("v1")));

    assertThatThrownBy(() -> host.routes().create(NewLink.veth("v0", VethPeer.named("v2"))))
        .isInstanceOfSatisfying(NetlinkException.class, e -> assertThat(e.isExists()).isTrue())
        .hasMessage("create veth link v0: EEXIST: already exists");
    assertThat(host.routes().link("v2")).isEmpty();
    assertThatThrownBy(() -> host.routes().change(LinkRef.named("v0"), LinkChange.NONE.withMtu(20)))
        .isInstanceOfSatisfying(
            NetlinkException.class,
            e -> assertThat(e.kernelMessage()).isEqualTo("mtu less than device minimum"));
    assertThat(host.routes().delete(LinkRef.named("absent"))).isFalse();
    assertThat(host.routes().delete(LinkRef.of(999))).isFalse();
    assertThat(host.routes().delete(LinkRef.named("v1"))).isTrue();
    assertThat(host.routes().link("v0")).isEmpty();
  }

  @Test
  void namesTheKernelWouldRefuseAreRefusedBefore() {
    for (String name : new String[] {"", "sixteen-letters!", "a b", "a/b", ".", "..", "a:b"}) {
      assertThatThrownBy(() -> LinkRef.named(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("an interface name");
    }
  }
}
