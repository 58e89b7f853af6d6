package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StoredEventsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StoredEvents names = new StoredEvents("GlobalNetworkPolicy");

  private static JsonNode policy(String name, String tier) {
    var object = JSON.createObjectNode();
    object.putObject("metadata").put("name", name);
    object.putObject("spec").put("tier", tier);
    return object;
  }

  private String upsert(String name, String tier) {
    return used(new KubeEvent.Upsert<>(policy(name, tier)));
  }

  private String delete(String name) {
    return used(new KubeEvent.Delete<>(new ObjectKey("", name), "uid"));
  }

  private String used(KubeEvent<JsonNode> event) {
    return names.used(event).stream()
        .map(e ->
            switch (e) {
              case KubeEvent.Synced<JsonNode>(List<JsonNode> all, boolean served) ->
                  "all "
                      + all.stream().map(o -> ClusterFeeds.key(o).name()).toList()
                      + (served ? "" : " absent");
              case KubeEvent.Upsert<JsonNode>(JsonNode one) -> "+" + ClusterFeeds.key(one).name();
              case KubeEvent.Delete<JsonNode>(ObjectKey key, String _) -> "-" + key.name();
              case KubeEvent.Disconnected<JsonNode> _ -> "away";
              case KubeEvent.Resumed<JsonNode> _ -> "back";
            })
        .collect(Collectors.joining(" "));
  }

  @Test
  void whatGoesGoesByTheNameItWasUsedUnder() {
    assertThat(
            used(
                new KubeEvent.Synced<>(
                    Stream.of("default.a", "net.b")
                        .map(name -> policy(name, name.startsWith("net") ? "net" : "default"))
                        .toList())))
        .isEqualTo("all [a, net.b]");
    assertThat(upsert("default.c", "")).isEqualTo("+c");
    assertThat(delete("default.a")).isEqualTo("-a");
    assertThat(delete("net.b")).isEqualTo("-net.b");
    assertThat(delete("default.c")).isEqualTo("-c");
    assertThat(delete("unheard-of")).isEqualTo("-unheard-of");
    assertThat(used(new KubeEvent.Disconnected<>("x"))).isEqualTo("away");
    assertThat(used(new KubeEvent.Synced<>(List.of(), false))).isEqualTo("all [] absent");
  }

  @Test
  void aNewNameTakesThePlaceOfTheOld() {
    assertThat(upsert("default.a", "default")).isEqualTo("+a");
    assertThat(upsert("default.a", "default")).isEqualTo("+a");
    assertThat(upsert("default.a", "net")).isEqualTo("-a +default.a");
    assertThat(delete("default.a")).isEqualTo("-default.a");
  }

  @Test
  void twoOfOneNameAreBothThere() {
    assertThat(upsert("default.a", "default")).isEqualTo("+a");
    assertThat(upsert("a", "default")).as("the name is taken").isEqualTo("+default.a");
    assertThat(delete("default.a")).isEqualTo("-a");
    assertThat(delete("a")).isEqualTo("-default.a");
    assertThat(upsert("a", "default")).isEqualTo("+a");
    assertThat(upsert("default.a", "default")).isEqualTo("+default.a");
  }
}
