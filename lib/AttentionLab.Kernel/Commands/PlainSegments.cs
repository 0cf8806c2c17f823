using Spectre.Console;
using Spectre.Console.Rendering;

namespace AttentionLab.Kernel.Commands;

/// <summary>Lets the console's own colours and movements through, and shows texts as <see cref="PlainText"/>.</summary>
internal sealed class PlainSegments : IRenderHook
{
    /// <inheritdoc/>
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
        renderables.Select(renderable => new Plain(renderable));

    private sealed class Plain(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            inner
                .Render(options, maxWidth)
                .Select(segment =>
                    segment.IsControlCode || PlainText.Of(segment.Text) is var text && text == segment.Text
                        ? segment
                        : new Segment(text, segment.Style)
                );
    }
}
