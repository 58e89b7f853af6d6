package io.portolan.node.install;

import io.portolan.common.kube.KubeClient;
import io.portolan.node.journal.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the plugin and its configuration in the node's directories for as long as the installation
 * lasts, whatever somebody else does there.
 *
 * <p>The plugin goes before the configuration that runs it, each replaced as a whole: a crash in
 * between leaves a plugin that nobody runs, and the next look puts the configuration. What is taken
 * away goes in the opposite order.
 */
public final class CniInstaller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CniInstaller.class);
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration LATER = Duration.ofSeconds(10);
  private static final Duration PATIENCE_AT_END = Duration.ofSeconds(5);

  private final InstallSettings settings;
  private final Supplier<Optional<String>> unready;
  private final OwnDaemonSet daemonSet;
  private final Optional<StartupTaint> taint;
  private final Thread thread;
  private volatile Optional<String> problem = Optional.of("not looked yet");

  // Owned by the thread.
  private boolean lifted;
  private Optional<String> told = Optional.empty();
  private Optional<String> toldPreferred = Optional.empty();

  CniInstaller(
      InstallSettings settings,
      KubeClient client,
      String nodeName,
      Supplier<Optional<String>> unready) {
    this.settings = settings;
    this.unready = unready;
    daemonSet = new OwnDaemonSet(client, settings.installation());
    taint = settings.startupTaint().map(key -> new StartupTaint(client, nodeName, key));
    thread = Thread.ofVirtual().name("cni-installer").unstarted(this::run);
  }

  /**
   * Begins to put the files, now and whenever they are missing.
   *
   * @param unready why pods cannot have a network; empty if they can. Nothing new is put before
   */
  public static CniInstaller start(
      InstallSettings settings,
      KubeClient client,
      String nodeName,
      Supplier<Optional<String>> unready) {
    CniInstaller installer = new CniInstaller(settings, client, nodeName, unready);
    installer.thread.start();
    return installer;
  }

  /** Why this installation may not serve the node; to be asked before anything is begun. */
  public static Optional<String> refusal(InstallSettings settings) {
    try {
      return switch (plan(settings)) {
        case InstallPlan.Refused(String reason) -> Optional.of(reason);
        case InstallPlan.Put _ -> Optional.empty();
      };
    } catch (IOException e) {
      // Nobody's claim; the installer says it, and goes on trying.
      return Optional.empty();
    }
  }

  /** Why the files are not as they should be; empty if they are. */
  public Optional<String> problem() {
    return problem;
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        boolean done = step();
        TimeUnit.MILLISECONDS.sleep((done ? LATER : SOON).toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether everything is as it should be. */
  boolean step() {
    Optional<String> why;
    try {
      why = put().map(text -> "the CNI plugin is not installed: " + text).or(this::lift);
    } catch (IOException | IllegalArgumentException e) {
      why = Optional.of("the CNI plugin is not installed: " + reason(e));
    }
    problem = why;
    if (!told.equals(why)) {
      told = why;
      why.ifPresent(LOG::warn);
    }
    boolean known = daemonSet.seen();
    return why.isEmpty() && known;
  }

  private Optional<String> put() throws IOException {
    return switch (plan(settings)) {
      case InstallPlan.Refused(String reason) -> Optional.of(reason);
      case InstallPlan.Put plan -> put(plan);
    };
  }

  private Optional<String> put(InstallPlan.Put plan) throws IOException {
    if (!Files.exists(settings.installedConflist()) && plan.stale().isEmpty()) {
      Optional<String> waiting = unready.get();
      if (waiting.isPresent()) {
        return waiting.map(text -> "pods cannot have a network yet: " + text);
      }
    }
    putShim();
    if (plan.write()) {
      replace(
          settings.installedConflist(),
          wanted(settings).content().getBytes(StandardCharsets.UTF_8),
          "rw-------");
      LOG.info("{} is in place", settings.installedConflist());
    }
    for (String name : plan.stale()) {
      Files.deleteIfExists(settings.confDirectory().resolve(name));
    }
    if (!plan.preferred().equals(toldPreferred)) {
      toldPreferred = plan.preferred();
      toldPreferred.ifPresent(name ->
          LOG.warn(
              "{} sorts before {}: the runtime takes it, and new pods go to its plugin",
              name,
              settings.fileName()));
    }
    return Optional.empty();
  }

  private void putShim() throws IOException {
    byte[] shim = Files.readAllBytes(settings.shim());
    Path target = settings.installedShim();
    if (!Files.isExecutable(target) || !Arrays.equals(shim, Files.readAllBytes(target))) {
      replace(target, shim, "rwxr-xr-x");
    }
  }

  private static void replace(Path file, byte[] content, String mode) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    DurableFile.replace(file, content, PosixFilePermissions.fromString(mode));
  }

  /** Why the node may have the taint still. */
  private Optional<String> lift() {
    if (lifted || taint.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> still =
        unready.get().map(why -> "the node keeps its taint: " + why).or(taint.get()::lift);
    lifted = still.isEmpty();
    return still;
  }

  private static InstallPlan plan(InstallSettings settings) throws IOException {
    return InstallPlan.of(
        CniDirectory.read(settings.confDirectory()), wanted(settings), settings.installation());
  }

  private static ConfigFile wanted(InstallSettings settings) throws IOException {
    return ConfigFile.of(
        settings.fileName(), Files.readString(settings.conflist()), settings.installation());
  }

  private static String reason(Exception e) {
    return e instanceof FileSystemException file
        ? file.getFile()
            + ": "
            + Optional.ofNullable(file.getReason()).orElse(e.getClass().getSimpleName())
        : e.toString();
  }

  /**
   * Ends the keeping. If the installation is being removed, the files are taken away; else they
   * stay, and runtimes try again until the next agent serves.
   */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
      CompletableFuture<Boolean> gone = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> gone.complete(daemonSet.isGone()));
      if (gone.get(PATIENCE_AT_END.toMillis(), TimeUnit.MILLISECONDS)) {
        remove();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("whether Portolan is being uninstalled is not known: its files stay");
    } catch (IOException e) {
      LOG.error("the CNI plugin cannot be taken away: {}", reason(e));
    }
  }

  private void remove() throws IOException {
    String own = settings.installation().toString();
    boolean used = false;
    for (ConfigFile file : CniDirectory.read(settings.confDirectory())) {
      if (file.ours() && file.installation().equals(Optional.of(own))) {
        Files.deleteIfExists(settings.confDirectory().resolve(file.name()));
      } else {
        used |= file.ours();
      }
    }
    if (!used) {
      Files.deleteIfExists(settings.installedShim());
    }
    LOG.info("Portolan is being uninstalled: its CNI plugin is gone; running pods keep theirs");
  }
}
