using System.Numerics;
using AttentionLab.Core;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// The loops of <see cref="FusedNormalization"/> over pixels × channels. Sums are taken of the same parts in the same order
/// whatever the number of threads.
/// </summary>
internal sealed unsafe class NormalizationLoops
{
    private const int Parts = 64;

    private readonly long _pictures,
        _height,
        _width,
        _pixels;

    private readonly long _line; // numbers of a row of pixels

    private readonly int _channels;

    // x̂ = (x − mean)·inverse and y = γ·x̂ + β = scale·x + shift, with γ and β the layer's weight and bias.
    private readonly float* _x,
        _mean,
        _inverse,
        _scale,
        _shift;

    /// <param name="input">N×C×H×W with channels last in memory.</param>
    /// <param name="statistics">4×C: mean, inverse of the standard deviation, scale and shift of each channel.</param>
    public NormalizationLoops(Tensor input, Tensor statistics)
    {
        Statistics = statistics;
        (_pictures, _channels, _height, _width) = (input.shape[0], (int)input.shape[1], input.shape[2], input.shape[3]);
        _pixels = _pictures * _height * _width;
        _line = _width * _channels;
        _x = input.Floats();
        _mean = statistics.Floats();
        _inverse = _mean + _channels;
        _scale = _inverse + _channels;
        _shift = _scale + _channels;
    }

    public Tensor Statistics { get; }

    /// <summary>N×H×W×C; a pooling halves H and W.</summary>
    public Tensor EmptyOutput(bool pools) =>
        pools ? empty(_pictures, _height / 2, _width / 2, _channels) : empty(_pictures, _height, _width, _channels);

    /// <summary>Takes the statistics of the input, and moves the layer's running statistics towards them.</summary>
    public void SetStatistics(BatchNorm2d norm)
    {
        (double[] means, double[] variances) = Moments();
        double momentum = norm.momentum!.Value,
            unbiased = _pixels / (_pixels - 1.0);
        float* weight = norm.weight.Floats(),
            bias = norm.bias!.Floats(),
            runningMean = norm.running_mean!.Floats(),
            runningVariance = norm.running_var!.Floats();
        for (int c = 0; c < _channels; c++)
        {
            _mean[c] = (float)means[c];
            _inverse[c] = (float)(1 / Math.Sqrt(variances[c] + norm.eps));
            _scale[c] = weight[c] * _inverse[c];
            _shift[c] = bias[c] - (_mean[c] * _scale[c]);
            runningMean[c] = (float)((momentum * means[c]) + ((1 - momentum) * runningMean[c]));
            runningVariance[c] = (float)((momentum * variances[c] * unbiased) + ((1 - momentum) * runningVariance[c]));
        }

        norm.num_batches_tracked!.add_(1);
    }

    /// <summary>max(0, y) of each pixel.</summary>
    public void Rectify(float* output) =>
        ForParts(
            _pixels,
            (from, to) =>
            {
                float* x = _x,
                    scale = _scale,
                    shift = _shift,
                    y = output;
                int channels = _channels;
                for (long place = from * channels; place < to * channels; )
                {
                    for (int c = 0; c < channels; c += Vector<float>.Count, place += Vector<float>.Count)
                    {
                        Vector.MaxNative(default, Normalized(At(x + place), At(scale + c), At(shift + c))).Store(y + place);
                    }
                }
            }
        );

    /// <summary>Of each window of 2×2: max(0, y) of the highest y, the first of equals as torch has it, and its x.</summary>
    public void Pool(float* output, float* highest) =>
        ForRowsOfWindows(
            (corner, place, end) =>
            {
                float* window = _x + corner,
                    scale = _scale,
                    shift = _shift,
                    y = output,
                    x = highest;
                int channels = _channels;
                for (long below = _line; place < end; window += 2 * channels)
                {
                    for (int c = 0; c < channels; c += Vector<float>.Count, place += Vector<float>.Count)
                    {
                        Vector<float> a = At(scale + c),
                            b = At(shift + c),
                            kept = At(window + c),
                            best = Normalized(kept, a, b);
                        (kept, best) = Higher(kept, best, At(window + c + channels), a, b);
                        (kept, best) = Higher(kept, best, At(window + c + below), a, b);
                        (kept, best) = Higher(kept, best, At(window + c + below + channels), a, b);
                        Vector.MaxNative(default, best).Store(y + place);
                        kept.Store(x + place);
                    }
                }
            }
        );

    /// <summary>
    /// Sums over the outputs what the gradients g of y need: Σ(g·x̂), the weight's gradient, and Σg, the bias's. The gradient of x
    /// is scale·(g − Σg/n − x̂·Σ(g·x̂)/n), n the number of pixels.
    /// </summary>
    /// <param name="x">The x of each output.</param>
    /// <param name="outputGradient">Of each output.</param>
    /// <param name="count">Outputs of a channel.</param>
    /// <param name="weight">C: Σ(g·x̂).</param>
    /// <param name="bias">C: Σg.</param>
    /// <param name="constant">C: scale·Σg/n.</param>
    /// <param name="slope">C: scale·inverse·Σ(g·x̂)/n.</param>
    public void SumGradients(
        float* x,
        float* outputGradient,
        long count,
        float* weight,
        float* bias,
        float* constant,
        float* slope
    )
    {
        var sums = new double[Parts, _channels];
        var products = new double[Parts, _channels];
        TorchThreads.For(
            Parts,
            part =>
            {
                float* inputs = x,
                    gradients = outputGradient;
                int channels = _channels;
                for (int c = 0; c < channels; c += Vector<float>.Count)
                {
                    Vector<float> sum = default,
                        product = default,
                        mean = At(_mean + c),
                        scale = At(_scale + c),
                        shift = At(_shift + c);
                    long end = (Start(count, part + 1) * channels) + c;
                    for (long place = (Start(count, part) * channels) + c; place < end; place += channels)
                    {
                        Vector<float> each = At(inputs + place),
                            g = Passed(At(gradients + place), each, scale, shift);
                        sum += g;
                        product = Vector.MultiplyAddEstimate(g, each - mean, product);
                    }

                    for (int i = 0; i < Vector<float>.Count; i++)
                    {
                        (sums[part, c + i], products[part, c + i]) = (sum[i], product[i]);
                    }
                }
            }
        );

        for (int c = 0; c < _channels; c++)
        {
            double sum = 0,
                product = 0;
            for (int part = 0; part < Parts; part++)
            {
                sum += sums[part, c];
                product += products[part, c];
            }

            product *= _inverse[c];
            (weight[c], bias[c]) = ((float)product, (float)sum);
            (constant[c], slope[c]) = ((float)(_scale[c] * sum / _pixels), (float)(_scale[c] * _inverse[c] * product / _pixels));
        }
    }

    /// <summary>The gradient of each x where nothing is pooled.</summary>
    public void Pass(float* outputGradient, float* constant, float* slope, float* inputGradient) =>
        ForParts(
            _pixels,
            (from, to) =>
            {
                var gradients = new InputGradients(this, constant, slope, inputGradient);
                float* outputs = outputGradient;
                for (long place = from * _channels; place < to * _channels; )
                {
                    for (int c = 0; c < gradients.Channels; c += Vector<float>.Count, place += Vector<float>.Count)
                    {
                        Vector<float> passed = gradients.Passed(At(outputs + place), At(gradients.X + place), c);
                        gradients.Set(place, c, passed);
                    }
                }
            }
        );

    /// <summary>The gradient of each x where the first that is the highest of its window gets the window's.</summary>
    public void PassToHighest(float* outputGradient, float* highest, float* constant, float* slope, float* inputGradient) =>
        ForRowsOfWindows(
            (corner, place, end) =>
            {
                var gradients = new InputGradients(this, constant, slope, inputGradient);
                float* outputs = outputGradient,
                    kepts = highest;
                long below = _line;
                int channels = _channels;
                for (; place < end; corner += 2 * channels)
                {
                    for (int c = 0; c < channels; c += Vector<float>.Count, place += Vector<float>.Count)
                    {
                        Vector<float> kept = At(kepts + place),
                            left = gradients.Passed(At(outputs + place), kept, c);
                        left = gradients.SetKept(corner + c, c, kept, left);
                        left = gradients.SetKept(corner + c + channels, c, kept, left);
                        left = gradients.SetKept(corner + c + below, c, kept, left);
                        _ = gradients.SetKept(corner + c + below + channels, c, kept, left);
                    }
                }
            }
        );

    /// <summary>scale·g − constant − slope·(x − mean) of each x; a copy of the addresses, which the compiler keeps in registers.</summary>
    private readonly struct InputGradients(NormalizationLoops loops, float* constant, float* slope, float* inputGradient)
    {
        public readonly float* X = loops._x;

        public readonly int Channels = loops._channels;

        private readonly float* _mean = loops._mean,
            _scale = loops._scale,
            _shift = loops._shift,
            _constant = constant,
            _slope = slope,
            _to = inputGradient;

        /// <summary>What passes the ReLU, times the scale.</summary>
        public Vector<float> Passed(Vector<float> gradient, Vector<float> x, int channel) =>
            NormalizationLoops.Passed(gradient, x, At(_scale + channel), At(_shift + channel)) * At(_scale + channel);

        public void Set(long place, int channel, Vector<float> passed) =>
            (passed - At(_constant + channel) - ((At(X + place) - At(_mean + channel)) * At(_slope + channel))).Store(
                _to + place
            );

        /// <summary>Passes to those that are kept, and returns what is left for the next.</summary>
        public Vector<float> SetKept(long place, int channel, Vector<float> kept, Vector<float> left)
        {
            var isKept = Vector.AsVectorSingle(Vector.Equals(At(X + place), kept));
            Set(place, channel, Vector.BitwiseAnd(left, isKept));
            return Vector.AndNot(left, isKept);
        }
    }

    /// <summary>Mean and biased variance of each channel.</summary>
    private (double[] Means, double[] Variances) Moments()
    {
        Tensor means = empty(Parts, _channels),
            squares = empty(Parts, _channels);
        float* firstMean = means.Floats(),
            firstSquare = squares.Floats();
        TorchThreads.For(
            Parts,
            part =>
                SumMoments(
                    Start(_pixels, part),
                    Start(_pixels, part + 1),
                    firstMean + (part * _channels),
                    firstSquare + (part * _channels)
                )
        );

        var allMeans = new double[_channels];
        var variances = new double[_channels];
        for (int c = 0; c < _channels; c++)
        {
            double mean = 0,
                square = 0;
            for (int part = 0; part < Parts; part++)
            {
                double before = Start(_pixels, part),
                    pixels = Start(_pixels, part + 1) - before;
                if (pixels > 0)
                {
                    double difference = firstMean[(part * _channels) + c] - mean;
                    mean += difference * pixels / (before + pixels);
                    square +=
                        firstSquare[(part * _channels) + c] + (difference * difference * before * pixels / (before + pixels));
                }
            }

            (allMeans[c], variances[c]) = (mean, square / _pixels);
        }

        return (allMeans, variances);
    }

    /// <summary>
    /// Mean and squares of the differences from it over some pixels, by blocks that stay in the first cache. What is known of two
    /// sets of values gives what is known of both: Chan, Golub, LeVeque, "Algorithms for Computing the Sample Variance", The
    /// American Statistician 37 (1983), equation 1.5.
    /// </summary>
    private void SumMoments(long from, long to, float* mean, float* square)
    {
        const int Block = 32;
        new Span<float>(mean, _channels).Clear();
        new Span<float>(square, _channels).Clear();
        for (long first = from; first < to; first += Block)
        {
            int pixels = (int)Math.Min(Block, to - first);
            float before = first - from,
                share = pixels / (before + pixels);
            for (int c = 0; c < _channels; c += Vector<float>.Count)
            {
                float* x = _x + (first * _channels) + c;
                Vector<float> center = Sum(x, pixels) / new Vector<float>(pixels),
                    difference = center - At(mean + c);
                (At(square + c) + SumOfSquares(x, pixels, center) + (difference * difference * (before * share))).Store(
                    square + c
                );
                (At(mean + c) + (difference * share)).Store(mean + c);
            }
        }
    }

    private Vector<float> Sum(float* x, int pixels)
    {
        Vector<float> even = default,
            odd = default;
        for (; pixels >= 2; pixels -= 2, x += 2 * _channels)
        {
            even += At(x);
            odd += At(x + _channels);
        }

        return pixels == 1 ? even + odd + At(x) : even + odd;
    }

    private Vector<float> SumOfSquares(float* x, int pixels, Vector<float> center)
    {
        Vector<float> even = default,
            odd = default;
        for (; pixels >= 2; pixels -= 2, x += 2 * _channels)
        {
            even = AddSquare(even, At(x) - center);
            odd = AddSquare(odd, At(x + _channels) - center);
        }

        return pixels == 1 ? AddSquare(even + odd, At(x) - center) : even + odd;
    }

    private static Vector<float> AddSquare(Vector<float> sum, Vector<float> value) =>
        Vector.MultiplyAddEstimate(value, value, sum);

    private static Vector<float> Normalized(Vector<float> x, Vector<float> scale, Vector<float> shift) =>
        Vector.MultiplyAddEstimate(x, scale, shift);

    private static (Vector<float> Kept, Vector<float> Best) Higher(
        Vector<float> kept,
        Vector<float> best,
        Vector<float> next,
        Vector<float> scale,
        Vector<float> shift
    )
    {
        Vector<float> y = Normalized(next, scale, shift);
        Vector<int> isHigher = Vector.GreaterThan(y, best);
        return (Vector.ConditionalSelect(isHigher, next, kept), Vector.ConditionalSelect(isHigher, y, best));
    }

    /// <summary>What passes the ReLU: the gradient where y is positive, else 0.</summary>
    private static Vector<float> Passed(Vector<float> gradient, Vector<float> x, Vector<float> scale, Vector<float> shift) =>
        Vector.BitwiseAnd(gradient, Vector.AsVectorSingle(Vector.GreaterThan(Normalized(x, scale, shift), Vector<float>.Zero)));

    private static void ForParts(long count, Action<long, long> work) =>
        TorchThreads.For(Parts, part => work(Start(count, part), Start(count, part + 1)));

    /// <summary>Calls work with a row's first value in the input, and its first in the output and the one behind its last.</summary>
    private void ForRowsOfWindows(Action<long, long, long> work) =>
        ForParts(
            _pictures * _height / 2,
            (from, to) =>
            {
                for (long row = from; row < to; row++)
                {
                    work(2 * row * _line, row * _line / 2, (row + 1) * _line / 2);
                }
            }
        );

    private static long Start(long count, int part) => count * part / Parts;

    private static Vector<float> At(float* values) => Vector.Load(values);
}
