package io.portolan.sim.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.sim.kube.RawApi.Watch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What only the embedded server has: faults, compaction on demand, access from inside. */
class KubeApiServerTest {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String GADGET_CRD =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: gadgets.t.io}
      spec:
        group: t.io
        scope: Namespaced
        names: {plural: gadgets, kind: Gadget}
        versions:
        - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
      """;

  private KubeApiServer server;
  private KubeObjects objects;
  private RawApi api;

  @BeforeEach
  void start() throws IOException {
    server =
        KubeApiServer.start(
            ApiOptions.DEFAULT.withSeed(42).withBookmarkInterval(Duration.ofMillis(50)));
    objects = server.objects();
    api = RawApi.to(server.url());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String configMap(String name) {
    return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + "}}";
  }

  @Test
  void whatASchemaKeepsUnknownIsKeptAsAWhole() {
    objects.create(
        GADGET_CRD.replace(
            "{type: object, x-kubernetes-preserve-unknown-fields: true}",
            "{type: object, properties: {spec: {type: object,"
                + " x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: object,"
                + " properties: {a: {type: integer}}}}}}}"));
    objects.create(
        "{apiVersion: t.io/v1, kind: Gadget, metadata: {name: x, namespace: default}, spec: {known:"
            + " {a: 1, b: 2}, other: {c: {d: 3}, e: {}}}, more: 4}");
    assertThat(objects.get("gadgets.t.io", "default", "x").orElseThrow().path("spec"))
        .hasToString("{\"known\":{\"a\":1},\"other\":{\"c\":{\"d\":3},\"e\":{}}}");
  }

  @Test
  void aCompactedVersionIsGone() throws Exception {
    String old = api.get(MAPS).text("/metadata/resourceVersion");
    objects.create(configMap("a"));
    objects.create(configMap("b"));
    String token = api.get(MAPS + "?limit=1").text("/metadata/continue");
    objects.create(configMap("c"));
    objects.compact();
    assertThat(api.get(MAPS + "?continue=" + token).outcome()).isEqualTo("410 Expired");
    try (Watch watch = api.watch(MAPS + "?watch=true&resourceVersion=" + old)) {
      JsonNode event = watch.next();
      assertThat(event.path("type").asText()).isEqualTo("ERROR");
      assertThat(event.at("/object/code").asInt()).isEqualTo(410);
      assertThat(event.at("/object/reason").asText()).isEqualTo("Expired");
      assertThat(watch.next().path("type").asText()).isEqualTo("END");
    }
  }

  @Test
  void theLogForgetsByItself() throws Exception {
    try (KubeApiServer small = KubeApiServer.start(ApiOptions.DEFAULT.withLogCapacity(3))) {
      long before = small.objects().revision();
      for (String name : List.of("a", "b", "c", "d", "e")) {
        small.objects().create(configMap(name));
      }
      RawApi toSmall = RawApi.to(small.url());
      try (Watch late = toSmall.watch(MAPS + "?watch=true&resourceVersion=" + before);
          Watch inTime = toSmall.watch(MAPS + "?watch=true&resourceVersion=" + (before + 2))) {
        assertThat(late.next().path("type").asText()).isEqualTo("ERROR");
        assertThat(inTime.next(3)).containsExactly("ADDED c", "ADDED d", "ADDED e");
      }
    }
  }

  @Test
  void bookmarksCarryVersionsOfOtherResources() throws Exception {
    try (Watch watch = api.watch(MAPS + "?watch=true&allowWatchBookmarks=true&resourceVersion=1")) {
      objects.create("{apiVersion: v1, kind: Secret, metadata: {name: s}}");
      String wanted = Long.toString(objects.revision());
      JsonNode event = watch.next();
      while (!event.at("/object/metadata/resourceVersion").asText().equals(wanted)) {
        assertThat(event.path("type").asText()).isEqualTo("BOOKMARK");
        event = watch.next();
      }
    }
  }

  @Test
  void oneStoreCanBeReachedAtSeveralAddresses() throws Exception {
    InetSocketAddress second =
        server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    RawApi other = RawApi.to(URI.create("http://127.0.0.1:" + second.getPort()));
    objects.create(configMap("a"));
    assertThat(other.get(MAPS + "/a").outcome()).isEqualTo("200");
  }

  @Test
  void changesAreSeenInOrderFromInside() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (AutoCloseable _ =
        objects.changes(c ->
            seen.add(
                c.kind() + " " + c.resource() + " " + c.object().at("/metadata/name").asText()))) {
      api.post(MAPS, "{metadata: {name: a}}");
      objects.merge("configmaps", "default", "a", Json.documents("{data: {k: v}}").getFirst());
      objects.delete("configmaps", "default", "a");
    }
    objects.create(configMap("unseen"));
    assertThat(seen)
        .containsExactly("ADDED configmaps a", "MODIFIED configmaps a", "DELETED configmaps a");
  }

  @Test
  void theSameSeedGivesTheSameFaults() throws Exception {
    assertThat(outcomes(7))
        .isEqualTo(outcomes(7))
        .contains("500 InternalError", "429 TooManyRequests", "200");
    assertThat(outcomes(7)).isNotEqualTo(outcomes(8));
  }

  private static List<String> outcomes(long seed) throws IOException {
    try (KubeApiServer seeded = KubeApiServer.start(ApiOptions.DEFAULT.withSeed(seed))) {
      seeded.faults().errors(0.3).throttle(0.3, 1);
      RawApi toSeeded = RawApi.to(seeded.url());
      List<String> outcomes = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        outcomes.add(toSeeded.get(MAPS).outcome());
      }
      return outcomes;
    }
  }

  @Test
  void anOutageBreaksWatchesAndEndsByItself() throws Exception {
    List<Instant> now = new CopyOnWriteArrayList<>(List.of(Instant.EPOCH));
    try (KubeApiServer clocked = KubeApiServer.start(ApiOptions.DEFAULT.withClock(now::getFirst))) {
      RawApi toClocked = RawApi.to(clocked.url());
      try (Watch watch = toClocked.watch(MAPS + "?watch=true")) {
        clocked.faults().down(Duration.ofSeconds(5));
        assertThat(watch.next().path("type").asText()).isEqualTo("END");
      }
      assertThatThrownBy(() -> toClocked.get(MAPS))
          .isInstanceOf(java.io.UncheckedIOException.class);
      now.set(0, Instant.EPOCH.plusSeconds(5));
      assertThat(toClocked.get(MAPS).outcome()).isEqualTo("200");
    }
  }

  @Test
  void aDeletedCrdTakesItsObjectsAlong() {
    objects.create(GADGET_CRD);
    String gadgets = "/apis/t.io/v1/namespaces/default/gadgets";
    assertThat(
            api.post(
                    gadgets,
                    "{apiVersion: t.io/v1, kind: Gadget, metadata: {name: a}, anything: {goes: 1}}")
                .text("/anything"))
        .isEqualTo("{\"goes\":1}");
    assertThat(objects.resources()).contains("gadgets.t.io");
    objects.delete("customresourcedefinitions.apiextensions.k8s.io", "", "gadgets.t.io");
    assertThat(api.get(gadgets).code()).isEqualTo(404);
    objects.create(GADGET_CRD);
    assertThat(api.get(gadgets).at("/items")).isEmpty();
  }

  @Test
  void refusalsFromInsideAreTheSame() {
    objects.create(configMap("a"));
    assertThatThrownBy(() -> objects.create(configMap("a")))
        .isInstanceOf(ApiFailure.class)
        .hasMessage("configmaps \"a\" already exists");
    assertThatThrownBy(
            () -> objects.create("{apiVersion: x.io/v1, kind: Nothing, metadata: {name: a}}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("register its CRD first");
  }

  @Test
  void oversizedBodiesAreRefused() {
    String big = "x".repeat(3 * 1024 * 1024);
    assertThat(
            api.call("POST", MAPS, "application/json", "{\"data\":{\"k\":\"" + big + "\"}}")
                .outcome())
        .isEqualTo("413 RequestEntityTooLarge");
    assertThat(api.call("POST", MAPS, "application/json", "{\"data\":").outcome())
        .isEqualTo("400 BadRequest");
  }
}
