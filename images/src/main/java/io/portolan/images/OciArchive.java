package io.portolan.images;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** Packs an image into an archive in the OCI image layout. */
public final class OciArchive {
  /**
   * The time of every file: the one that {@code build/images} gives them while it makes the class
   * archives, which hold for the jars' times, too.
   */
  static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

  /** Written by everybody: the directory for what programs unpack. */
  private static final FilePermissions SHARED = FilePermissions.fromOctalString("777");

  private OciArchive() {}

  /**
   * Writes the archive.
   *
   * @param cache a directory for packed layers, which later images with the same layers use
   * @return the digest of the image's manifest, such as {@code sha256:...}
   * @throws IOException if a file cannot be read or the archive cannot be written
   */
  public static String write(ImageSpec image, Path archive, Path cache)
      throws IOException, InterruptedException {
    try {
      JibContainerBuilder builder =
          Jib.fromScratch()
              .setFormat(ImageFormat.OCI)
              .setPlatforms(Set.of(new Platform(image.architecture(), "linux")))
              .setCreationTime(TIME)
              .setUser(image.user())
              .setEntrypoint(image.entrypoint())
              .addLabel("org.opencontainers.image.title", image.title())
              .addLabel("org.opencontainers.image.licenses", "Apache-2.0");
      for (ImageSpec.Layer layer : image.layers()) {
        builder.addFileEntriesLayer(entries(layer));
      }
      JibContainer made =
          builder.containerize(
              Containerizer.to(TarImage.at(archive).named(image.reference()))
                  .setOfflineMode(true)
                  .setToolName("portolan")
                  .setBaseImageLayersCache(cache)
                  .setApplicationLayersCache(cache));
      return made.getDigest().toString();
    } catch (InvalidImageReferenceException
        | CacheDirectoryCreationException
        | RegistryException
        | ExecutionException e) {
      throw new IOException(image.reference() + ": " + e.getMessage(), e);
    }
  }

  private static FileEntriesLayer entries(ImageSpec.Layer layer) throws IOException {
    FileEntriesLayer.Builder entries = FileEntriesLayer.builder().setName(layer.name());
    for (Path file : files(layer.root())) {
      String inside = "/" + layer.root().relativize(file);
      entries.addEntry(
          file,
          AbsoluteUnixPath.get(inside),
          inside.equals("/tmp")
              ? SHARED
              : Files.isDirectory(file) || Files.isExecutable(file)
                  ? FilePermissions.DEFAULT_FOLDER_PERMISSIONS
                  : FilePermissions.DEFAULT_FILE_PERMISSIONS,
          TIME,
          "0:0");
    }
    return entries.build();
  }

  /** Links are followed: a layer holds what they lead to. */
  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> found = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      return found.filter(f -> !f.equals(root)).sorted().toList();
    }
  }
}
