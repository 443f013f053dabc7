from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from .extensions import db
from .forms import PostForm
from .models import Post

posts = Blueprint("posts", __name__)


@posts.route("/")
def home():
    return render_template("home.html", posts=Post.query.order_by(Post.date_posted.desc()).all())


@posts.route("/post/new", methods=["GET", "POST"])
@login_required
def new_post():
    form = PostForm()
    if form.validate_on_submit():
        db.session.add(Post(title=form.title.data, content=form.content.data, author=current_user))
        db.session.commit()
        flash("Your post has been created!", "success")
        return redirect(url_for("posts.home"))
    return render_template("form.html", title="New Post", form=form)


@posts.route("/post/<int:post_id>/update", methods=["GET", "POST"])
@login_required
def update_post(post_id):
    post = db.get_or_404(Post, post_id)
    if post.author != current_user:
        abort(403)
    form = PostForm()
    if form.validate_on_submit():
        post.title, post.content = form.title.data, form.content.data
        db.session.commit()
        flash("Your post has been updated!", "success")
        return redirect(url_for("posts.home"))
    if request.method == "GET":
        form.title.data, form.content.data = post.title, post.content
    return render_template("form.html", title="Update Post", form=form)


@posts.route("/post/<int:post_id>/delete", methods=["POST"])
@login_required
def delete_post(post_id):
    post = db.get_or_404(Post, post_id)
    if post.author != current_user:
        abort(403)
    db.session.delete(post)
    db.session.commit()
    flash("Your post has been deleted!", "success")
    return redirect(url_for("posts.home"))
