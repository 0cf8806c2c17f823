using System.Globalization;
using System.Text;
using AttentionLab.Core;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Reports;

/// <summary>
/// A page for people who are not engineers: what the network says about each picture, how sure it is, where it looked, and what
/// the colours mean. One file of HTML that loads nothing and runs no script, in English or Chinese. Pictures with more than 384 pixels on a side are
/// reduced to that, maps after they were laid over: about 30 kB each.
/// </summary>
public sealed class ExplanationPage
{
    /// <summary>The width of a picture on the page in CSS pixels, and the longest side of what lies in the file: for screens
    /// with two pixels for each of these.</summary>
    private const int Shown = 192,
        Kept = 2 * Shown;

    /// <summary>Makes the page.</summary>
    /// <param name="pictures">From the top.</param>
    /// <exception cref="ArgumentException">The list of pictures is empty, a confidence is outside [0, 1], or a map is not of its
    /// picture's size, or not finite.</exception>
    public ExplanationPage(params IReadOnlyList<ExplainedImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0)
        {
            throw new ArgumentException("A page needs a picture.", nameof(pictures));
        }

        foreach (ExplainedImage picture in pictures)
        {
            foreach (
                (string name, double confidence) in picture.Alternatives.Prepend((picture.PredictedClass, picture.Confidence))
            )
            {
                if (!(confidence is >= 0 and <= 1))
                {
                    throw new ArgumentException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"The confidence in '{name}' is {confidence}; it lies between 0 and 1."
                        ),
                        nameof(pictures)
                    );
                }
            }

            foreach (ExplainedMap map in picture.Maps)
            {
                HeatmapImage.ThrowUnlessFits(map.Map, picture.Picture, nameof(pictures));
            }
        }

        Pictures = [.. pictures];
    }

    /// <summary>The pictures, from the top.</summary>
    public IReadOnlyList<ExplainedImage> Pictures { get; }

    /// <summary>Chinese for a Chinese culture, else English.</summary>
    public CultureInfo Culture { get; init; } = CultureInfo.CurrentUICulture;

    /// <summary>The page's title; null: "Where did the network look?"</summary>
    public string? Title { get; init; }

    /// <summary>
    /// The colours of the maps. The words of the page speak of blue and red, which <see cref="ColorMap.Jet"/> has.
    /// </summary>
    public ColorMap ColorMap { get; init; } = ColorMap.Jet;

    /// <summary>Of the maps, in [0, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">It lies outside.</exception>
    public double Opacity
    {
        get;
        init
        {
            OpacityRange.ThrowUnlessInside(value);
            field = value;
        }
    } = 0.5;

    /// <summary>For those who know more, at the end of the page.</summary>
    public IReadOnlyList<Figure> Figures { get; init; } = [];

    /// <summary>Small print: which network, which data, which versions.</summary>
    public IReadOnlyList<string> Facts { get; init; } = [];

    /// <summary>The page as HTML.</summary>
    public string ToHtml()
    {
        var body = new StringBuilder();
        body.AppendLine(CultureInfo.InvariantCulture, $"<p class=\"lead\">{Text(PageText.Lead, Pictures.Count)}</p>");
        AppendKey(body);
        foreach (ExplainedImage picture in Pictures)
        {
            AppendPicture(body, picture);
        }

        AppendMethods(body);
        AppendFigures(body);
        return PageShell.Html(Culture, Title ?? PageText.Title.In(Culture), Style, body.ToString(), Facts);
    }

    /// <summary>Writes <see cref="ToHtml"/> to a file; missing folders are made, an existing file is replaced.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => PageShell.Save(ToHtml(), path);

    private void AppendKey(StringBuilder html)
    {
        IEnumerable<string> stops = Enumerable.Range(0, 17).Select(i => ChartColors.Hex(ColorMap[i / 16.0]));
        html.Append(
            CultureInfo.InvariantCulture,
            $"""
            <section class="key">
            <h2>{Text(PageText.KeyTitle)}</h2>
            <div class="scale"><span>{Text(PageText.KeyLow)}</span><i style="background:linear-gradient(to right,{string.Join(
                ',',
                stops
            )})"></i><span>{Text(PageText.KeyHigh)}</span></div>
            <ul>
            <li>{Text(PageText.KeyColours)}</li>
            <li>{Text(PageText.KeyGood)}</li>
            <li>{Text(PageText.KeyWhere)}</li>
            <li>{Text(PageText.KeySure)}</li>
            </ul>
            </section>

            """
        );
    }

    private void AppendPicture(StringBuilder html, ExplainedImage picture)
    {
        string name = picture.Name is null ? "" : $"<h2>{Encode(picture.Name)}</h2>";
        string truth =
            picture.TrueClass is null ? ""
            : picture.TrueClass == picture.PredictedClass ? $"<p class=\"right\">✓ {Text(PageText.Right)}</p>"
            : $"<p class=\"wrong\">✗ {Text(PageText.Wrong, Encode(picture.TrueClass))}</p>";
        string others =
            picture.Alternatives.Count == 0
                ? ""
                : "<p "
                    + $"class=\"others\">{Text(PageText.Others, Encode(FigureText.And.Join(Culture, picture.Alternatives.Select(other => $"{other.Class} ({Percent(other.Confidence)})"))))}</p>";
        string about =
            picture.ExplainedClass is { } explained && explained != picture.PredictedClass
                ? $"<p>{Text(PageText.About, Encode(explained))}</p>"
                : "";
        html.Append(
            CultureInfo.InvariantCulture,
            $"""
            <article>
            {name}
            <div class="answer">
            <img src="{ImageDataUri.ToPreview(picture.Picture, Kept)}" alt="{Encode(picture.Name ?? PageText.Picture.In(Culture))}">
            <div>
            <p class="says">{Text(PageText.Says, $"<strong>{Encode(picture.PredictedClass)}</strong>")}</p>
            <div class="bar"><i style="width:{(100 * picture.Confidence).ToString(
                "0.#",
                CultureInfo.InvariantCulture
            )}%"></i></div>
            <p>{Text(SureOf(picture.Confidence), Percent(picture.Confidence))}</p>
            {truth}
            {others}
            {about}
            </div>
            </div>
            <div class="maps">

            """
        );
        foreach (ExplainedMap map in picture.Maps)
        {
            (double low, double high) = map.Map.Range;
            string title = string.Join(
                " · ",
                new[]
                {
                    MethodText.TitleOf(map.Method),
                    map.Layer,
                    map.Channel is { } channel ? FigureText.Channel.In(Culture, channel) : null,
                }.OfType<string>()
            );
            string blank = low == high ? $"<br><em>{Text(PageText.Blank)}</em>" : "";
            string alt = PageText.MapAlt.In(
                Culture,
                title,
                low == high ? PageText.Nowhere.In(Culture) : PlaceOf(map.Map).In(Culture)
            );
            html.AppendLine(
                CultureInfo.InvariantCulture,
                $"<figure><img src=\"{ImageDataUri.ToPreview(picture.Picture.Blend(map.Map, ColorMap, Opacity), Kept)}\" "
                    + $"alt=\"{Encode(alt)}\"><figcaption>{Encode(title)}{blank}</figcaption></figure>"
            );
        }

        html.AppendLine("</div>\n</article>");
    }

    private void AppendMethods(StringBuilder html)
    {
        string[] methods =
        [
            .. Pictures
                .SelectMany(picture => picture.Maps)
                .Select(map => map.Method)
                .Distinct()
                .Where(method => MethodText.Of(method) is not null),
        ];
        if (methods.Length > 0)
        {
            html.Append("<section class=\"methods\"><h2>").Append(Text(PageText.MethodsTitle)).Append("</h2><dl>");
            foreach (string method in methods)
            {
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<dt>{Encode(MethodText.TitleOf(method))}</dt><dd>{Text(MethodText.Of(method)!)}</dd>"
                );
            }

            html.AppendLine("</dl></section>");
        }
    }

    private void AppendFigures(StringBuilder html)
    {
        if (Figures.Count > 0)
        {
            html.Append("<section class=\"more\"><h2>").Append(Text(PageText.MoreTitle)).AppendLine("</h2>");
            foreach (Figure figure in Figures)
            {
                html.AppendLine(PageShell.Image(figure));
            }

            html.AppendLine("</section>");
        }
    }

    /// <summary>Where the map is highest, for those who cannot see it.</summary>
    private static FigureText PlaceOf(Heatmap map)
    {
        (int row, int column) = map.Peak;
        return PageText.Places[(3 * (3 * row / map.Height)) + (3 * column / map.Width)];
    }

    private static FigureText SureOf(double confidence) =>
        confidence switch
        {
            >= 0.95 => PageText.VerySure,
            >= 0.7 => PageText.FairlySure,
            >= 0.4 => PageText.Unsure,
            _ => PageText.Guessing,
        };

    private static string Percent(double confidence) =>
        confidence switch
        {
            >= 0.995 and < 1 => "> 99 %",
            > 0 and < 0.005 => "< 1 %",
            _ => $"{Math.Round(100 * confidence).ToString(CultureInfo.InvariantCulture)} %",
        };

    /// <param name="text">Our own words: no HTML in them.</param>
    /// <param name="values">HTML.</param>
    private string Text(FigureText text, params ReadOnlySpan<object?> values) => text.In(Culture, values);

    private static string Encode(string text) => PageShell.Encode(text);

    private static string Style =>
        $$"""
            .key, article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.3rem; margin: 0 0 1.3rem; }
            .key ul { margin: 0.8rem 0 0; padding-left: 1.2rem; }
            .key li { margin: 0.3rem 0; }
            .scale { display: flex; align-items: center; gap: 0.7rem; flex-wrap: wrap; }
            .scale i { flex: 1 1 12rem; height: 1.1rem; border-radius: 4px; max-width: 26rem; }
            .answer { display: flex; gap: 1.2rem; flex-wrap: wrap; }
            .answer > div { flex: 1 1 16rem; }
            .answer > img, .maps img { width: {{Shown}}px; max-width: 100%; height: auto; image-rendering: pixelated; border-radius: 6px; display: block; }
            .says { font-size: 1.25rem; margin-top: 0; }
            .bar { background: var(--line); border-radius: 5px; height: 0.6rem; max-width: 26rem; overflow: hidden; }
            .bar i { display: block; height: 100%; background: var(--accent); }
            .right { color: var(--good); } .wrong { color: var(--bad); } .others { color: var(--quiet); }
            .maps { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 1rem; }
            figure { margin: 0; width: {{Shown}}px; max-width: 100%; }
            figcaption { font-size: 0.88rem; margin-top: 0.3rem; }
            .methods dt { font-weight: 600; margin-top: 0.6rem; } .methods dd { margin: 0; }
            .methods, .more { margin-top: 2rem; }
            .more img { max-width: 100%; height: auto; background: #fff; border-radius: 6px; margin: 0.4rem 0; }
            @media print { .key, article, figure { break-inside: avoid; } }
            """;
}
