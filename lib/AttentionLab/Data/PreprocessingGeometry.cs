using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>
/// How a picture of one size becomes what a network sees: a part is cut out of it, brought to a size, and looked at through a
/// window that may cut more off or show bars beside it.
/// </summary>
/// <param name="How">Gives interpolation and background.</param>
/// <param name="Picture">The size of the picture.</param>
/// <param name="Cut">The part cut out of it.</param>
/// <param name="Resized">The size that the part is brought to.</param>
/// <param name="Window">Where the window's corner lies on the resized part, negative where there are bars, and its size.</param>
internal sealed record PreprocessingGeometry(
    Preprocessing How,
    (int Height, int Width) Picture,
    (int Top, int Left, int Height, int Width) Cut,
    (int Height, int Width) Resized,
    (int Top, int Left, int Height, int Width) Window
)
{
    /// <summary>The part of the picture that shows in the window.</summary>
    public ImagePart Part
    {
        get
        {
            double down = (double)Cut.Height / Resized.Height,
                across = (double)Cut.Width / Resized.Width;
            return new ImagePart(
                Cut.Top + (Window.Top * down),
                Cut.Left + (Window.Left * across),
                Window.Height * down,
                Window.Width * across,
                Picture.Height,
                Picture.Width
            );
        }
    }

    /// <summary>What becomes of a picture of a size.</summary>
    public static PreprocessingGeometry Of(Preprocessing how, int height, int width)
    {
        (int, int, int, int) whole = (0, 0, height, width);
        if (how is { ShorterSide: { } side, Fit: ImageFit.Crop })
        {
            return Windowed(how, (height, width), WithShorterSide(height, width, side));
        }

        if (how is not { Height: { } rows, Width: { } columns })
        {
            return new(how, (height, width), whole, (height, width), whole);
        }

        return how.Fit switch
        {
            ImageFit.Crop => new(how, (height, width), LargestPart(height, width, rows, columns), (rows, columns), All()),
            ImageFit.Letterbox => Windowed(how, (height, width), Within(height, width, rows, columns)),
            _ => new(how, (height, width), whole, (rows, columns), All()),
        };

        (int, int, int, int) All() => (0, 0, rows, columns);
    }

    public Image Apply(Image image)
    {
        Image cut = Part(image, Cut);
        Image resized =
            (cut.Height, cut.Width) == Resized ? cut
            : How.Interpolation == Interpolation.Area
                ? ImageFile.Fit(
                    cut,
                    new ImageOptions
                    {
                        Height = Resized.Height,
                        Width = Resized.Width,
                        Fit = ImageFit.Squash,
                    }
                )
            : PillowResize.Of(cut, Resized.Height, Resized.Width, How.Interpolation);
        return Part(resized, Window);

        Image Part(Image from, (int Top, int Left, int Height, int Width) part) =>
            part == (0, 0, from.Height, from.Width) ? from : Through(from, part, How.Background);
    }

    /// <summary>The whole picture at a size, its middle in the window.</summary>
    private static PreprocessingGeometry Windowed(
        Preprocessing how,
        (int Height, int Width) picture,
        (int Height, int Width) resized
    )
    {
        (int height, int width) = (how.Height ?? resized.Height, how.Width ?? resized.Width);
        return new(
            how,
            picture,
            (0, 0, picture.Height, picture.Width),
            resized,
            (Start(resized.Height, height), Start(resized.Width, width), height, width)
        );
    }

    /// <summary>Where a window begins: halves are rounded to even where it cuts off, as in torchvision, and down where it adds
    /// bars.</summary>
    private static int Start(int old, int size) => old >= size ? (int)Math.Round((old - size) / 2.0) : -((size - old) / 2);

    /// <summary>The shorter side at a length; the longer one is rounded down, as torchvision does.</summary>
    private static (int Height, int Width) WithShorterSide(int height, int width, int side)
    {
        int longer = (int)((long)side * Math.Max(height, width) / Math.Min(height, width));
        return height >= width ? (longer, side) : (side, longer);
    }

    private static (int Top, int Left, int Height, int Width) LargestPart(int height, int width, int rows, int columns)
    {
        double scale = Math.Min((double)height / rows, (double)width / columns);
        int high = Math.Clamp((int)Math.Round(rows * scale), 1, height),
            wide = Math.Clamp((int)Math.Round(columns * scale), 1, width);
        return ((height - high) / 2, (width - wide) / 2, high, wide);
    }

    private static (int Height, int Width) Within(int height, int width, int rows, int columns)
    {
        double scale = Math.Min((double)rows / height, (double)columns / width);
        return (Math.Clamp((int)Math.Round(height * scale), 1, rows), Math.Clamp((int)Math.Round(width * scale), 1, columns));
    }

    private static Image Through(
        Image image,
        (int Top, int Left, int Height, int Width) window,
        (byte Red, byte Green, byte Blue) background
    )
    {
        var rgb = new byte[3L * window.Height * window.Width];
        for (int p = 0; p < rgb.Length; p += 3)
        {
            (rgb[p], rgb[p + 1], rgb[p + 2]) = background;
        }

        int top = Math.Max(0, window.Top),
            bottom = Math.Min(image.Height, window.Top + window.Height),
            left = Math.Max(0, window.Left),
            right = Math.Min(image.Width, window.Left + window.Width);
        for (int y = top; y < bottom; y++)
        {
            image
                .Rgb.AsSpan(3 * ((y * image.Width) + left), 3 * (right - left))
                .CopyTo(rgb.AsSpan(3 * (((y - window.Top) * window.Width) + left - window.Left)));
        }

        return new Image(window.Height, window.Width, rgb);
    }
}
