package io.portolan.lab.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class FabricStateTest {
  @Test
  void plugsACableBeforeItRoutesThroughIt() {
    assertThat(
            text(
                FabricState.EMPTY,
                FabricState.of(List.of(port("i-1", "10.0.0.5", "10.0.0.5/32", "10.0.0.16/28")))))
        .isEqualTo(
            """
            AddGateway 10.0.0.1
            Plug e00000000000001 i-1
            AddRoute 10.0.0.5/32 via 10.0.0.5 dev e00000000000001
            AddRoute 10.0.0.16/28 via 10.0.0.5 dev e00000000000001
            AddSource e00000000000001 10.0.0.5/32
            AddSource e00000000000001 10.0.0.16/28\
            """);
  }

  @Test
  void anUnassignedAddressLosesItsSourceAndItsRoute() {
    assertThat(
            text(
                FabricState.of(List.of(port("i-1", "10.0.0.5", "10.0.0.5/32", "10.0.0.9/32"))),
                FabricState.of(List.of(port("i-1", "10.0.0.5", "10.0.0.5/32")))))
        .isEqualTo(
            """
            RemoveSource e00000000000001 10.0.0.9/32
            RemoveRoute 10.0.0.9/32 via 10.0.0.5 dev e00000000000001\
            """);
  }

  @Test
  void aCableThatMovesToAnotherMachineIsMadeAnewWithAllItCarries() {
    assertThat(
            text(
                FabricState.of(List.of(port("i-1", "10.0.0.5", "10.0.0.5/32"))),
                FabricState.of(List.of(port("i-2", "10.0.0.5", "10.0.0.5/32")))))
        .isEqualTo(
            """
            RemoveSource e00000000000001 10.0.0.5/32
            RemoveRoute 10.0.0.5/32 via 10.0.0.5 dev e00000000000001
            Unplug e00000000000001 i-1
            Plug e00000000000001 i-2
            AddRoute 10.0.0.5/32 via 10.0.0.5 dev e00000000000001
            AddSource e00000000000001 10.0.0.5/32\
            """);
  }

  @Test
  void theSameStateNeedsNoChange() {
    FabricState state = FabricState.of(List.of(port("i-1", "10.0.0.5", "10.0.0.5/32")));
    assertThat(state.to(FabricState.of(List.copyOf(state.ports().values())))).isEmpty();
  }

  private static Port port(String instance, String primary, String... assigned) {
    return new Port(
        "eni-0000000000000001",
        instance,
        0,
        MacAddress.parse("0a:00:00:00:00:01"),
        IpAddress.parse(primary),
        Stream.of(assigned).map(Cidr::parse).toList(),
        IpAddress.parse("10.0.0.1"),
        true);
  }

  private static String text(FabricState from, FabricState to) {
    return from.to(to).stream().map(FabricStateTest::line).collect(Collectors.joining("\n"));
  }

  private static String line(FabricState.Change change) {
    return change.getClass().getSimpleName()
        + " "
        + switch (change) {
          case FabricState.Change.RemoveSource c -> c.source().device() + " " + c.source().block();
          case FabricState.Change.AddSource c -> c.source().device() + " " + c.source().block();
          case FabricState.Change.RemoveUnchecked c -> c.device();
          case FabricState.Change.AddUnchecked c -> c.device();
          case FabricState.Change.RemoveRoute c -> route(c.route());
          case FabricState.Change.AddRoute c -> route(c.route());
          case FabricState.Change.Unplug c -> c.port().fabricDevice() + " " + c.port().instanceId();
          case FabricState.Change.Plug c -> c.port().fabricDevice() + " " + c.port().instanceId();
          case FabricState.Change.AddGateway c -> c.address().toString();
        };
  }

  private static String route(FabricState.Route route) {
    return route.block() + " via " + route.via() + " dev " + route.device();
  }
}
