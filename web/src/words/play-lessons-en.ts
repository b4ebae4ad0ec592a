/** The texts of the lessons, in English. */

export const lessonsEn = {
  lesson_slope: 'The slope',
  lesson_learning_rate: 'The learning rate',
  lesson_activations: 'Activations',
  lesson_neuron: 'One neuron’s valley',
  lesson_finite_differences: 'The gradient by finite differences',
  lesson_softmax: 'Softmax and cross-entropy',
  lesson_backpropagation: 'Paths and backpropagation',
  lesson_digits: 'Digits, mini-batches, over-fitting',
  lesson_vanishing_gradients: 'Vanishing gradients',
  lesson_number: 'Lesson {number}:',
  lesson_leave: 'Leave the lesson',
  lesson_progress: 'Screens of this lesson',
  lesson_screen: 'Screen {number} of {count}',
  lesson_screen_done: 'Screen {number} of {count}, task done',
  lesson_screens: 'From screen to screen',
  lesson_task: 'Your task',
  lesson_done: 'Done!',
  lesson_back: 'Back',
  lesson_next: 'Next',
  lesson_following: 'Next lesson',
  lesson_readings: 'Goes with:',
  // the slope
  l_slope_1:
    "How do you find the lowest place of a function when you see nothing but the ground under your feet? Feel which way it slopes, and take a step down.\n\nThe slope of $f(x) = x^2$ at $x$ is its derivative $f'(x) = 2x$. A step of gradient descent is $$x \\leftarrow x - \\eta\\, f'(x)$$ The orange arrow under the curve is that step; the dashed line is the tangent. Near the bottom the slope is small, and so are the steps.",
  l_slope_1_task:
    'Press Step, or Run, until the ball lies below $f = 0.5$ after at least five steps.',
  l_slope_2:
    'With two variables the ground slopes in the direction of $x$ and in that of $y$. Both derivatives together are the gradient, $\\nabla f = (\\partial f/\\partial x,\\ \\partial f/\\partial y)$.\n\nFor $f = x^2 + y^2$ it is $(2x, 2y)$: at $(3, 4)$ it is $(6, 8)$, which you can read at “At the ball”. The gradient points uphill; the ball goes against it. Each step sets out at a right angle to the contour.',
  l_slope_2_task: 'Click on another place of the map to start there, and see what the gradient is.',
  l_slope_3:
    'Why against the gradient? For a small step $\\Delta x$ of length $r$ in a direction at the angle $\\theta$ from the gradient, $$\\Delta f \\approx \\langle \\nabla f, \\Delta x \\rangle = \\lVert \\nabla f \\rVert\\, r \\cos\\theta$$ By the Cauchy–Schwarz inequality this is never less than $-\\lVert \\nabla f \\rVert\\, r$, and it is that at $\\theta = 180°$: no direction leads down faster than $-\\nabla f$.',
  l_slope_3_task:
    'Tick “All directions from the ball”. The chart shows how $f$ changes all round the ball: find where it falls most.',
  l_slope_4:
    'Now all of it: start at $(3, 4)$, $\\eta = 0.1$. Each step makes $x$ and $y$ smaller by a fifth, $x \\leftarrow x - 0.1 \\cdot 2x = 0.8\\,x$. After 100 steps $x$ is $3 \\cdot 0.8^{100} \\approx 6 \\times 10^{-10}$: zero, for all that we care.\n\nThe network that reads digits does the same, only with thousands of variables.',
  l_slope_4_task: 'With $\\eta = 0.1$, run until $f$ is below $0.0001$.',
  // the learning rate
  l_rate_1:
    'The learning rate $\\eta$ says how far a step goes. It is a hyper-parameter: no rule learns it, you choose it.\n\nHere it is $0.01$. The direction is right, but each step is tiny: after 100 steps the ball is still on its way.',
  l_rate_1_task:
    'Find a learning rate with which $f$ is below $0.01$ after at most ten steps (look at the chart of values).',
  l_rate_2:
    'More is not always better. On $f = x^2 + y^2$ a step multiplies $x$ by $1 - 2\\eta$. With $\\eta = 1$ that is $-1$: the ball jumps to and fro for ever. Beyond it, every step lands higher than it began. That is divergence.\n\nThe dashed mark on the slider is the bound $2/\\lambda_{\\max}$, where $\\lambda_{\\max}$ is the greatest curvature.',
  l_rate_2_task: 'Make it diverge: choose a learning rate beyond the bound.',
  l_rate_3:
    'A long valley: $f = x^2/20 + y^2$. Across it the curvature is $2$, along it only $0.1$. The steep direction decides how large $\\eta$ may be, the flat one how long it takes. With $\\eta = 1.05$ the ball swings wider and wider across the valley.',
  l_rate_3_task:
    'Take a learning rate that does not diverge and that brings $f$ below $0.01$ within 60 steps.',
  l_rate_4:
    'Other optimisers deal with such valleys in their own ways. Momentum keeps a velocity: swings across the valley cancel, movement along it adds up. AdaGrad, RMSprop and Adam divide by the root of the squared gradients, summed up or averaged, so that each variable has a step size of its own. What they remember stands under “At the ball”, where you choose whose.',
  l_rate_4_task: 'Let three optimisers descend together, for 20 steps or more.',
  // activations
  l_act_1:
    'A unit takes an input $x$, weighs it, adds a bias and passes the result through its activation: $$z = w x + b, \\qquad y = \\varphi(z)$$ With the sigmoid, $\\varphi(z) = 1/(1 + e^{-z})$, the answer goes smoothly from 0 to 1. It shall answer 0 on the left and 1 on the right; it starts the wrong way round.',
  l_act_1_task: 'Run until the loss is below $0.01$.',
  l_act_2:
    "The perceptron’s activation is the step function: 0 for $z \\le 0$, else 1. Its derivative is 0 wherever it has one, so every term of $$\\frac{\\partial l}{\\partial w} = \\sum_i \\frac{\\partial l}{\\partial y_i}\\, \\varphi'(z_i)\\, x_i$$ is 0: look at the column $\\varphi'(z)$ of the table. Descent ends where it begins, so there is nothing to run. The loss surface is made of flat terraces; a ball does not roll on them. That is why networks have smooth activations.",
  l_act_2_task:
    'Descent cannot, but you can: drag the ball on the map until the loss is 0, with the step function.',
  l_act_3:
    "The sigmoid has flat parts too: far from $z = 0$ its derivative is nearly 0. Here the unit starts at $w = -10$, $b = 10$: it is wrong and very sure of it. $\\varphi'(z)$ is tiny for most examples, and learning crawls. A larger learning rate does not help.",
  l_act_3_task:
    'Drag the ball to a start from which the sigmoid’s loss comes below $0.01$ by the last step.',
  l_act_4:
    'And why must an activation not be linear? Two linear layers are one: $w_2 (w_1 x) = (w_2 w_1) x$. This network has six hidden units with the identity, and the points of one class lie all round those of the other. However long it runs, its border is a straight line.',
  l_act_4_task:
    'Under “Set-up”, choose another activation for the hidden layer, and run until the training accuracy is 95%.',
  // one neuron
  l_neuron_1:
    'A unit with one input has two parameters, $w$ and $b$. For each pair the loss over the data is one number, so it is a landscape over the plane of $(w, b)$: the map and the surface. Learning is a walk in it.\n\nEach place of the map is another curve. Drag the ball and watch the curve: $w$ makes it steeper, $b$ shifts it.',
  l_neuron_1_task: 'Drag the ball to a place where the loss is below $0.02$.',
  l_neuron_2:
    "Which way down? The chain rule says it: how the loss changes with the answer, times how the answer changes with $z$, times how $z$ changes with $w$, $$\\frac{\\partial l}{\\partial w} = \\sum_i \\frac{\\partial l}{\\partial y_i}\\, \\varphi'(z_i)\\, x_i$$ $$\\frac{\\partial l}{\\partial b} = \\sum_i \\frac{\\partial l}{\\partial y_i}\\, \\varphi'(z_i)$$ The table has each factor for each example. Point at a row to see which point it is.",
  l_neuron_2_task: 'Press Step a few times (one to five), and watch the table as you do.',
  l_neuron_3:
    'The landscape is made by the data. Drag a point, and the valley changes its shape; what was the best $(w, b)$ need not be so any more. With data that no such curve can meet, the loss cannot come near zero.',
  l_neuron_3_task: 'Move or add points so that the loss stays above $0.03$ even at the last step.',
  l_neuron_4:
    'With the identity, $y = wx + b$ is a straight line, the loss is a parabola in each direction, and its contours are ellipses: this is linear regression. The bound of the learning rate is the same everywhere, because the curvature is.',
  l_neuron_4_task: 'Find a learning rate at which it diverges.',
  // finite differences
  l_diff_1:
    'A network as small as can be: the input $x = (0.6, 0.9)$, a matrix $W$ of $2 \\times 3$ weights (the biases are 0), softmax, cross-entropy. The right answer is the last of three classes, $t = (0, 0, 1)$.\n\nIt puts out $\\mathrm{softmax}(xW) = (0.1271, 0.8321, 0.0408)$: it is rather sure of the middle one. The loss is $-\\log 0.040823 = 3.1985$.',
  l_diff_1_task: 'Step forward until you see the loss.',
  l_diff_2:
    '$\\partial L/\\partial w_{11}$ says how much the loss changes when $w_{11}$ moves a little and all else stays. So one can measure it: move $w_{11}$ by $h$ to each side, and take $$\\frac{\\partial L}{\\partial w_{11}} \\approx \\frac{L(w_{11} + h) - L(w_{11} - h)}{2h}$$ All six of them: $$\\frac{\\partial L}{\\partial W} = \\begin{pmatrix} 0.0763 & 0.4992 & -0.5755 \\\\ 0.1144 & 0.7488 & -0.8633 \\end{pmatrix}$$ In the diagram the weight in row $i$ and column $j$ is called $w^2_{ji}$.',
  l_diff_2_task:
    'Click the number of a weight in the diagram, and press “Check the gradient by differences”: the numerical gradient and backpropagation have to agree.',
  l_diff_3:
    'The signs are a recipe. The column of the right class is negative: making those weights larger lowers the loss. The others are positive. And the second row is one and a half times the first, because $x_2 = 0.9$ is one and a half times $x_1 = 0.6$.',
  l_diff_3_task: 'Click a weight, give it another value, and check its gradient.',
  // softmax
  l_soft_1:
    'For classes, the output shall be probabilities. Softmax makes them of any numbers: $$y_k = \\frac{e^{z_k}}{\\sum_i e^{z_i}}$$ All are above 0, and their sum is 1. The largest $z$ has the largest $y$. (For $z = (1010, 1000, 990)$ a naive program overflows; subtracting the largest $z$ from all changes nothing in $y$ and avoids it.)',
  l_soft_1_task: 'Step forward, and look at $z$ and $a$ of the output: do the $a$ add up to 1?',
  l_soft_2:
    'The cross-entropy looks at the right class alone: $$E = -\\sum_k t_k \\log y_k = -\\log y_{\\text{right}}$$ Sure and right costs 0; sure and wrong costs a lot. Together with softmax, the delta of the output is as simple as can be: $$\\delta_k = \\frac{\\partial E}{\\partial z_k} = y_k - t_k$$ Here $(0.1271,\\ 0.8321,\\ 0.0408 - 1)$.',
  l_soft_2_task: 'Step on to backward, and find these three deltas.',
  l_soft_3:
    'A step of descent moves each $z$ against its delta: the right class up, the others down, and the more the farther they are off. So the loss falls, fast at first, then slower and slower, as the deltas shrink.',
  l_soft_3_task: 'Run until the loss is below $0.1$.',
  // backpropagation
  l_back_1:
    'A 12-3-2 network looks at pictures of $4 \\times 3$ pixels and says whether they show a 0 or a 1. It has $12 \\cdot 3 + 3 + 3 \\cdot 2 + 2 = 47$ parameters. $w^l_{ji}$ leads from unit $i$ of layer $l - 1$ to unit $j$ of layer $l$; $$z^l_j = \\sum_i w^l_{ji}\\, a^{l-1}_i + b^l_j, \\qquad a^l_j = \\sigma(z^l_j)$$ The cost of a picture is $$C = \\frac12 \\{(t_1 - a^3_1)^2 + (t_2 - a^3_2)^2\\}$$',
  l_back_1_task: 'Step through forward, and point at a unit to see its sum with the numbers in.',
  l_back_2:
    'How does $w^2_{11}$ change the cost? Through every path from it to the end. There are two, one through each output: $$\\begin{aligned} \\frac{\\partial C}{\\partial w^2_{11}} = {}& \\frac{\\partial C}{\\partial a^3_1}\\frac{\\partial a^3_1}{\\partial z^3_1}\\frac{\\partial z^3_1}{\\partial a^2_1}\\frac{\\partial a^2_1}{\\partial z^2_1}\\frac{\\partial z^2_1}{\\partial w^2_{11}} \\\\ &+ \\frac{\\partial C}{\\partial a^3_2}\\frac{\\partial a^3_2}{\\partial z^3_2}\\frac{\\partial z^3_2}{\\partial a^2_1}\\frac{\\partial a^2_1}{\\partial z^2_1}\\frac{\\partial z^2_1}{\\partial w^2_{11}} \\end{aligned}$$ Two paths are bearable. With another hidden layer of 10 units there are 20, with another yet 200: “differentiation hell”.',
  l_back_2_task:
    'Click $w^2_{12}$ in the diagram (its pixel is dark), and press “Check the gradient by differences”: the sum over its two paths stands there with the numbers in.',
  l_back_3:
    "But the paths share their parts. Call $\\delta^l_j = \\partial C/\\partial z^l_j$. The deltas of the output are known at once, and those below follow from those above: $$\\begin{aligned} \\delta^2_i &= \\Bigl(\\sum_j \\delta^3_j\\, w^3_{ji}\\Bigr)\\, \\sigma'(z^2_i) \\\\ \\frac{\\partial C}{\\partial w^l_{ji}} &= \\delta^l_j\\, a^{l-1}_i \\end{aligned}$$ Each number is computed once: that is backpropagation.",
  l_back_3_task: 'Step forward, loss, backward, and look at the deltas: from the output back.',
  l_back_4:
    'Is it right? Every gradient can be checked against finite differences: the same number by a way that knows nothing of deltas. For training it would be far too slow, as it needs two forward passes for each parameter; as a check it is perfect.',
  l_back_4_task:
    'Click any weight or bias in the diagram, and press “Check the gradient by differences”.',
  l_back_5:
    'Each update takes a step against all 47 derivatives at once, $$\\Delta w^l_{ji} = -\\eta\\, \\frac{\\partial C}{\\partial w^l_{ji}}$$ Now let it learn all 64 pictures, in mini-batches of 8.',
  l_back_5_task: 'Run until the training accuracy is 95% or more (see the chart).',
  // digits
  l_digits_1:
    'Ten classes, so ten outputs; $8 \\times 8$ pixels, so 64 inputs. Learning goes in four steps, over and over: take a mini-batch at random, compute the gradient of its loss, update the parameters, repeat.\n\nOne such round is an iteration. When as many examples were taken as there are, an epoch is over. With mini-batches of 100 that takes 15 iterations here.',
  l_digits_1_task: 'Step or run through one whole epoch, and watch the counters.',
  l_digits_2:
    'What counts is not the data that it has learnt but data that it has never seen: generalisation. So part of the digits is kept aside as test data. Accuracy is the share that it gets right.',
  l_digits_2_task:
    'Reach a test accuracy of 90%. With $\\eta = 0.1$ it takes more than 20 epochs; with a larger $\\eta$, or with ReLU (see “Set-up”), fewer.',
  l_digits_3:
    'Does the network that you have just trained read your writing? Draw a digit on the pad. It was trained on the writing of others, centred and of a certain size; try what confuses it.',
  l_digits_3_task: 'Draw a digit of your own.',
  l_digits_4:
    'A larger network, with ReLU. It comes to know the training data by heart: there its accuracy goes to 100%; on the test data it stays below. The gap between both is over-fitting. Where the test loss rises again while the training loss falls, it is at its worst. More data, a smaller network and weight decay (L2) help.',
  l_digits_4_task:
    'Run until the training accuracy is 100%, and compare it with the test accuracy.',
  // vanishing gradients
  l_van_1:
    "Six hidden layers of sigmoids. On the way back each layer multiplies the delta by $w$ and by $\\sigma'(z) = \\sigma(z)(1 - \\sigma(z))$, and that is never more than $1/4$. After six layers little is left: $(1/4)^6 \\approx 0.0002$.",
  l_van_1_task:
    'Take a step, and compare the gradients of layer 2 with those of layer 8: choose the layer at “Weights and bias of a unit”, and look at the column $\\partial L/\\partial$.',
  l_van_2:
    'What has no gradient does not learn. The first layers stay as they were drawn, and what they pass on is almost the same for every picture. The loss remains near $\\log 10 \\approx 2.30$, the accuracy at one in ten: that is guessing.',
  l_van_2_task: 'Run three epochs, and see that the loss hardly moves.',
  l_van_3:
    'The derivative of ReLU is 1 for every $z > 0$: nothing shrinks on the way back. With initial weights of the right size (He’s, for ReLU) the deltas stay about as large from layer to layer. That made deep networks possible.',
  l_van_3_task:
    'Under “Set-up”, give all six hidden layers another activation, and reach a training accuracy of 80%.',
};
